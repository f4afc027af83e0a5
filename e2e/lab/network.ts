import { must, run } from './run.ts';
import type { LabRecord, MachineRecord } from './state.ts';
import type { Direction } from './types.ts';

const MAX_SUBNETS = 250;

/** The lab's own end of its bridge: where tests listen for what hosts send. */
export function bridgeAddress(subnet: number): string {
  return `10.77.${subnet}.1`;
}

/** Makes a bridge with the first subnet nobody has; that the kernel refuses doubles is the lock. */
export async function claimBridge(): Promise<{ bridge: string; subnet: number }> {
  for (let subnet = 0; subnet < MAX_SUBNETS; subnet++) {
    const bridge = `pr-lab${subnet}`;
    const made = await run(['ip', 'link', 'add', bridge, 'type', 'bridge']);
    if (made.code === 0) return { bridge, subnet };
    if (!made.stderr.includes('File exists')) throw new Error(`cannot make ${bridge}: ${made.stderr.trim()}`);
  }
  throw new Error(`all ${MAX_SUBNETS} lab networks are taken`);
}

/** Gives the bridge its address and lets the lab's traffic pass whatever else runs here. */
export async function openBridge(lab: Pick<LabRecord, 'bridge' | 'subnet'>): Promise<void> {
  const { bridge } = lab;
  await must(['ip', '-batch', '-'], {
    input: [`addr add ${bridgeAddress(lab.subnet)}/24 dev ${bridge}`, `link set ${bridge} up`].join('\n'),
  });
  // An engine on this machine may set FORWARD to DROP, and bridged frames then pass through it.
  await must(['iptables', '-w', '-I', 'FORWARD', ...acceptRule(bridge)]);
  await must(['nft', '-f', '-'], { input: cutTable(bridge) });
}

/** Removes all that `claimBridge` and `openBridge` made. */
export async function closeBridge(lab: Pick<LabRecord, 'bridge' | 'subnet'>): Promise<void> {
  await run(['nft', 'delete', 'table', 'bridge', lab.bridge]);
  await run(['iptables', '-w', '-D', 'FORWARD', ...acceptRule(lab.bridge)]);
  await run(['ip', 'link', 'del', lab.bridge]);
}

/** Plugs the host with this init into the bridge. Its namespace, and with it the cable, dies with it. */
export async function plugIn(lab: LabRecord, machine: MachineRecord, pid: number): Promise<void> {
  // The old end vanishes a moment after its namespace.
  await run(['ip', 'link', 'del', machine.cable]);
  await must(['ip', '-batch', '-'], {
    input: [
      `link add ${machine.cable} type veth peer name eth0 address ${machine.mac} netns ${pid}`,
      `link set ${machine.cable} master ${lab.bridge} up`,
    ].join('\n'),
  });
  await must(['nsenter', '-t', String(pid), '-n', 'ip', '-batch', '-'], {
    input: [
      `addr add ${machine.address}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${bridgeAddress(lab.subnet)}`,
      // There is a default route, as hosts have, but the world is not there, and who asks for it is
      // told at once: resolvers and clients would else wait for seconds.
      'rule add pref 32000 lookup main suppress_prefixlength 0',
      'rule add pref 32001 type unreachable',
    ].join('\n'),
  });
}

/** Drops frames to and from the host, silently, as a broken switch does. */
export async function cut(lab: LabRecord, machine: MachineRecord, direction: Direction): Promise<void> {
  await mend(lab, machine);
  const sets = direction === 'both' ? ['cut_in', 'cut_out'] : [`cut_${direction}`];
  for (const set of sets) {
    await must(['nft', 'add', 'element', 'bridge', lab.bridge, set, ports(machine)]);
  }
}

/** Undoes `cut`. */
export async function mend(lab: LabRecord, machine: MachineRecord): Promise<void> {
  for (const set of ['cut_in', 'cut_out']) {
    // Fails when it is not cut, which is what we want.
    await run(['nft', 'delete', 'element', 'bridge', lab.bridge, set, ports(machine)]);
  }
}

/** The bridge's side of a second cable, for a machine whose link is bad (`link.ts`). */
export function bridgePort(machine: MachineRecord): string {
  return machine.cable.replace('prl', 'prb');
}

/** The relay's side of that second cable. */
export function relayPort(machine: MachineRecord): string {
  return machine.cable.replace('prl', 'prr');
}

// Whichever of the two is in the bridge.
function ports(machine: MachineRecord): string {
  return `{ "${machine.cable}", "${bridgePort(machine)}" }`;
}

function cutTable(bridge: string): string {
  return `table bridge ${bridge} {
    set cut_in { type ifname; }
    set cut_out { type ifname; }
    chain from { type filter hook prerouting priority -400; iifname @cut_out drop; }
    chain to { type filter hook postrouting priority 400; oifname @cut_in drop; }
  }`;
}

function acceptRule(bridge: string): string[] {
  return ['-i', bridge, '-o', bridge, '-m', 'comment', '--comment', 'portreeve lab', '-j', 'ACCEPT'];
}
