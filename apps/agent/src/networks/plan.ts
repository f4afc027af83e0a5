import { isIPv4 } from 'node:net';
import type { AssignedNetwork } from '@portreeve/agent-protocol';

/** What a host's document says of the host itself, as far as networks are concerned. */
export type HostSide = { nodeId: string; hostAddress: string; vxlanPort: number };

/** One VXLAN link with every entry computed: nothing is flooded, nothing learned. */
export type Tunnel = {
  name: string;
  vni: number;
  /** This host's address, which the outer packets carry. */
  local: string;
  port: number;
  mtu: number;
  bridge: string;
  /** MAC of an end elsewhere → address of the host that holds it. */
  forwarding: ReadonlyMap<string, string>;
  /** Address of an end elsewhere → its MAC. */
  neighbours: ReadonlyMap<string, string>;
};

/** What the kernel of this host should have for one network. The bridge itself is the engine's. */
export type NetworkPlan = { bridge: string; bridgeMac: string; tunnel: Tunnel | undefined };

/** An end of a network: a container's, or a host's own (its gateway). */
type NetworkEnd = { address: string; mac: string };

export const bridgeName = (vni: number): string => `pr${vni}`;
export const tunnelName = (vni: number): string => `vx${vni}`;

/** Whether a tunnel joins the network to other hosts: a host that no other can name stays alone until it has an address. */
export const isJoined = (network: AssignedNetwork, host: HostSide): boolean =>
  network.crossHost && isIPv4(host.hostAddress);

/** Ends on other hosts that can be reached, with the host of each. */
export const remoteEnds = (network: AssignedNetwork, host: HostSide): (NetworkEnd & { host: string })[] => {
  if (!isJoined(network, host)) return [];
  const members = network.members.map((one) => ({ ...one, host: one.hostAddress }));
  const gateways = network.peers.map((one) => ({
    nodeId: one.nodeId,
    address: one.gateway,
    mac: one.gatewayMac,
    host: one.hostAddress,
  }));
  return [...gateways, ...members]
    .filter((end) => end.nodeId !== host.nodeId && isIPv4(end.host) && end.host !== host.hostAddress)
    .map(({ address, mac, host: at }) => ({ address, mac: mac.toLowerCase(), host: at }));
};

/** The kernel state that one network of the document asks for. */
export const planNetwork = (network: AssignedNetwork, host: HostSide): NetworkPlan => {
  const bridge = bridgeName(network.vni);
  const bridgeMac = network.gatewayMac.toLowerCase();
  if (!isJoined(network, host)) return { bridge, bridgeMac, tunnel: undefined };
  const ends = remoteEnds(network, host);
  return {
    bridge,
    bridgeMac,
    tunnel: {
      name: tunnelName(network.vni),
      vni: network.vni,
      local: host.hostAddress,
      port: host.vxlanPort,
      mtu: network.mtu,
      bridge,
      forwarding: new Map(ends.map((end) => [end.mac, end.host])),
      neighbours: new Map(ends.map((end) => [end.address, end.mac])),
    },
  };
};
