import type { KernelState, SeenTunnel } from './kernel-state.ts';
import type { NetworkPlan, Tunnel } from './plan.ts';

/** Lines for `ip -batch` and `bridge -batch`; `links` come first, the other two need them. */
export type KernelCommands = { links: string[]; forwarding: string[]; neighbours: string[] };

const make = (tunnel: Tunnel): string =>
  `link add ${tunnel.name} mtu ${tunnel.mtu} type vxlan id ${tunnel.vni} dstport ${tunnel.port} local ${tunnel.local} nolearning proxy`;

const linkCommands = (tunnel: Tunnel, seen: SeenTunnel | undefined): string[] => {
  const attach = `link set ${tunnel.name} master ${tunnel.bridge} up`;
  if (!seen) return [make(tunnel), attach];
  // What a tunnel was made with cannot be changed.
  if (seen.vni !== tunnel.vni || seen.local !== tunnel.local || seen.port !== tunnel.port)
    return [`link del ${tunnel.name}`, make(tunnel), attach];
  return [
    ...(seen.mtu === tunnel.mtu ? [] : [`link set ${tunnel.name} mtu ${tunnel.mtu}`]),
    ...(seen.bridge === tunnel.bridge && seen.up ? [] : [attach]),
  ];
};

const entries = (
  wanted: ReadonlyMap<string, string>,
  seen: ReadonlyMap<string, string>,
  set: (key: string, value: string) => string,
  unset: (key: string) => string,
): string[] => [
  ...[...seen.keys()].filter((key) => !wanted.has(key)).map(unset),
  ...[...wanted].filter(([key, value]) => seen.get(key) !== value).map(([key, value]) => set(key, value)),
];

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Leaves out tunnels that are not ours to remove: another program's, or another agent's in a test. */
export const ownState = (
  seen: KernelState,
  wanted: readonly NetworkPlan[],
  strays: readonly string[],
): KernelState => {
  const bridges = new Set(['', ...strays, ...wanted.map(({ bridge }) => bridge)]);
  const names = new Set(wanted.flatMap(({ tunnel }) => tunnel?.name ?? []));
  return {
    ...seen,
    tunnels: new Map(
      [...seen.tunnels].filter(([name, { bridge }]) => names.has(name) || bridges.has(bridge)),
    ),
  };
};

/** The commands that make the kernel have what is wanted, and nothing for what it has already. */
export const diffKernel = (wanted: readonly NetworkPlan[], seen: KernelState): KernelCommands => {
  const tunnels = wanted.flatMap(({ tunnel }) => tunnel ?? []);
  const names = new Set(tunnels.map(({ name }) => name));
  const commands: KernelCommands = { links: [], forwarding: [], neighbours: [] };
  for (const name of seen.tunnels.keys()) if (!names.has(name)) commands.links.push(`link del ${name}`);
  for (const { bridge, bridgeMac } of wanted)
    if (seen.bridges.get(bridge) !== bridgeMac)
      commands.links.push(`link set ${bridge} address ${bridgeMac}`);
  for (const tunnel of tunnels) {
    const links = linkCommands(tunnel, seen.tunnels.get(tunnel.name));
    const fresh = links.some((line) => line.startsWith('link add'));
    const before = fresh ? undefined : seen.tunnels.get(tunnel.name);
    const dev = `dev ${tunnel.name}`;
    commands.links.push(...links);
    commands.forwarding.push(
      ...entries(
        tunnel.forwarding,
        before?.forwarding ?? NOTHING,
        (mac, host) => `fdb replace ${mac} ${dev} dst ${host} self permanent`,
        (mac) => `fdb del ${mac} ${dev} self`,
      ),
    );
    commands.neighbours.push(
      ...entries(
        tunnel.neighbours,
        before?.neighbours ?? NOTHING,
        (address, mac) => `neigh replace ${address} lladdr ${mac} ${dev} nud permanent`,
        (address) => `neigh del ${address} ${dev}`,
      ),
    );
  }
  return commands;
};
