import type { AssignedNetwork, DesiredDocument } from '@portreeve/agent-protocol';
import { bridgeName, type HostSide, isJoined, remoteEnds, tunnelName } from './plan.ts';

/**
 * The rules that keep networks apart, as one text for `nft -f -`, in two tables of our own: no rule of the engine or
 * of the host is touched, and our `accept` only ends our own chains. Everything is in them before a tunnel or
 * container is there. It must never depend on names of containers' links, which only the engine knows.
 */

const FILTER_TABLES = ['inet portreeve', 'bridge portreeve'] as const;

export type FilterInput = {
  host: HostSide;
  networks: readonly AssignedNetwork[];
  /** Ends of tasks that are here, in each network; also of those the network's members no longer name. */
  tasks: DesiredDocument['tasks'];
  /** Bridges of ours that are still here although the document names them no more: nothing may pass from them. */
  leftovers: readonly string[];
  /**
   * Put on frames that enter a tunnel and asked for when the outer packet leaves, so that only the kernel's own tunnels
   * send to the VXLAN port. Not to be guessed: who has CAP_NET_RAW on the host's network may mark packets.
   */
  mark: number;
};

const elements = (list: readonly string[]): string => {
  const distinct = [...new Set(list)];
  return distinct.length === 0 ? '' : `elements = { ${distinct.join(', ')} };`;
};
const quoted = (name: string): string => `"${name}"`;

type Side = {
  bridge: string;
  tunnel: string;
  network: AssignedNetwork;
  joined: boolean;
  /** Containers of this host and its own address. */
  here: { address: string; mac: string }[];
  members: { address: string; mac: string }[];
  elsewhere: { address: string; mac: string; host: string }[];
};

const sideOf = (network: AssignedNetwork, input: FilterInput): Side => {
  const fromTasks = input.tasks.flatMap((task) =>
    task.networks.filter((one) => one.networkId === network.networkId),
  );
  const fromMembers = network.members.filter((one) => one.nodeId === input.host.nodeId);
  const members = [...fromMembers, ...fromTasks].map(({ address, mac }) => ({
    address,
    mac: mac.toLowerCase(),
  }));
  return {
    bridge: bridgeName(network.vni),
    tunnel: tunnelName(network.vni),
    network,
    joined: isJoined(network, input.host),
    members,
    here: [...members, { address: network.gateway, mac: network.gatewayMac.toLowerCase() }],
    elsewhere: remoteEnds(network, input.host),
  };
};

const publishedPorts = (tasks: DesiredDocument['tasks']): string[] =>
  tasks.flatMap((task) => task.ports.map((port) => `${port.protocol} . ${port.published}`));

/** Between hosts and from containers to this host. */
const inetTable = (sides: readonly Side[], input: FilterInput): string => {
  const { vxlanPort } = input.host;
  const bridges = [...sides.map(({ bridge }) => bridge), ...input.leftovers].map(quoted);
  const peers = sides.flatMap(({ network, elsewhere }) =>
    elsewhere.map(({ host }) => `${host} . 0x${network.vni.toString(16).padStart(6, '0')}`),
  );
  const holders = sides.flatMap(({ bridge, here, elsewhere }) =>
    [...here, ...elsewhere].map(({ address }) => `"${bridge}" . ${address}`),
  );
  const askers = sides.flatMap(({ bridge, network, members }) =>
    members.map(({ address }) => `"${bridge}" . ${address} . ${network.gateway}`),
  );
  return `table inet portreeve {
  set bridges { type ifname; ${elements(bridges)} }
  set peers { typeof ip saddr . @th,96,24; ${elements(peers)} }
  set holders { type ifname . ipv4_addr; ${elements(holders)} }
  set gateways { type ipv4_addr; ${elements(sides.map(({ network }) => network.gateway))} }
  set askers { type ifname . ipv4_addr . ipv4_addr; ${elements(askers)} }
  set published { type inet_proto . inet_service; ${elements(publishedPorts(input.tasks))} }
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
    iifname @bridges ip saddr != 0.0.0.0 iifname . ip saddr != @holders drop
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    udp dport ${vxlanPort} ip saddr . @th,96,24 @peers accept
    udp dport ${vxlanPort} drop
    iifname "lo" accept
    ct state established,related accept
    iifname . ip saddr . ip daddr @askers meta l4proto { tcp, udp } th dport 53 accept
    ip daddr @gateways drop
    iifname @bridges meta l4proto . th dport @published accept
    iifname @bridges drop
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname @bridges ip daddr 169.254.0.0/16 drop
    iifname @bridges oifname != @bridges udp dport ${vxlanPort} drop
    iifname @bridges oifname @bridges jump between
  }
  chain between {
${sides.map(({ bridge }) => `    iifname "${bridge}" oifname "${bridge}" accept`).join('\n')}
    ct status dnat accept
    ct state established,related accept
    drop
  }
  chain output {
    type filter hook output priority filter - 10; policy accept;
    udp dport ${vxlanPort} meta mark != ${input.mark} drop
    udp dport ${vxlanPort} meta mark set 0
  }
  chain postrouting {
    type filter hook postrouting priority 300; policy accept;
    udp dport ${vxlanPort} ct status snat drop
  }
}`;
};

/** Inside the bridges: who says to be whom. */
const bridgeTable = (sides: readonly Side[], mark: number): string => {
  const pair = ({ mac, address }: { mac: string; address: string }): string => `${mac} . ${address}`;
  const local = sides.flatMap(({ members }) => members.map(pair));
  const macs = sides.flatMap(({ here, elsewhere }) => [...here, ...elsewhere].map(({ mac }) => mac));
  const joined = sides.filter(({ joined }) => joined);
  const outgoing = joined.flatMap(({ tunnel, here }) => here.map((end) => `"${tunnel}" . ${pair(end)}`));
  const incoming = joined.flatMap(({ tunnel, elsewhere }) =>
    elsewhere.map((end) => `"${tunnel}" . ${pair(end)}`),
  );
  const tunnels = joined.map(({ tunnel }) => quoted(tunnel));
  const subnets = sides.map(({ network }) => network.subnet);
  return `table bridge portreeve {
  set tunnels { type ifname; ${elements(tunnels)} }
  set incoming { type ifname . ether_addr . ipv4_addr; ${elements(incoming)} }
  set outgoing { type ifname . ether_addr . ipv4_addr; ${elements(outgoing)} }
  set local { type ether_addr . ipv4_addr; ${elements(local)} }
  set macs { type ether_addr; ${elements(macs)} }
  set subnets { type ipv4_addr; flags interval; ${elements(subnets)} }
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    iifname @tunnels jump from_tunnel
    ether type ip jump from_container
    ether type arp jump arp_from_container
    ether saddr @macs drop
    ether daddr @macs drop
  }
  chain from_tunnel {
    ether type ip iifname . ether saddr . ip saddr @incoming accept
    ether type arp iifname . ether saddr . arp saddr ip @incoming iifname . arp saddr ether . arp saddr ip @incoming accept
    drop
  }
  chain from_container {
    ether saddr . ip saddr @local accept
    ip saddr @subnets drop
  }
  chain arp_from_container {
    ether saddr . arp saddr ip @local arp saddr ether . arp saddr ip @local accept
    arp saddr ip @subnets drop
    arp saddr ether @macs drop
  }
  chain forward {
    type filter hook forward priority -300; policy accept;
    ether type ip oifname @tunnels oifname . ether saddr . ip saddr != @outgoing drop
${sides.map(({ network }) => `    ip saddr ${network.subnet} ip daddr != { ${network.subnet}, 224.0.0.0/4, 255.255.255.255 } drop`).join('\n')}
  }
  chain postrouting {
    type filter hook postrouting priority 0; policy accept;
    oifname @tunnels meta mark set ${mark}
  }
}`;
};

/** All filters of a host as one transaction: the old tables go and the new ones come, or nothing changes. */
export const filterRules = (input: FilterInput): string => {
  const sides = input.networks.map((network) => sideOf(network, input));
  const anew = FILTER_TABLES.map((table) => `table ${table}\ndelete table ${table}`);
  return [...anew, inetTable(sides, input), bridgeTable(sides, input.mark), ''].join('\n');
};
