import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { host, member, network, peer } from '../../test/network-samples.ts';
import { diffKernel, type KernelCommands } from './diff.ts';
import type { KernelState, SeenTunnel } from './kernel-state.ts';
import { type NetworkPlan, planNetwork, type Tunnel } from './plan.ts';

const EMPTY: KernelState = { bridges: new Map(), tunnels: new Map() };

describe('the plan of a network', () => {
  test('has an entry for each end on other hosts: containers, and the hosts themselves', () => {
    const plan = planNetwork(
      network({
        members: [member('own', '10.200.0.10'), member('other', '10.200.0.11')],
        peers: [peer('other', '10.200.0.2')],
      }),
      host,
    );
    expect(plan.tunnel?.forwarding).toEqual(
      new Map([
        ['02:42:0a:c8:00:02', '10.0.0.2'],
        ['02:42:0a:c8:00:0b', '10.0.0.2'],
      ]),
    );
    expect(plan.tunnel?.neighbours.get('10.200.0.11')).toBe('02:42:0a:c8:00:0b');
    expect(plan.tunnel?.neighbours.has('10.200.0.10')).toBe(false);
  });

  test('has no tunnel when the network is of one host alone', () => {
    expect(
      planNetwork(network({ crossHost: false, members: [member('other', '10.200.0.11')] }), host).tunnel,
    ).toBe(undefined);
  });

  test('passes over an end whose host has no address yet', () => {
    const nowhere = { ...member('other', '10.200.0.11'), hostAddress: '' };
    expect(planNetwork(network({ members: [nowhere] }), host).tunnel?.forwarding.size).toBe(0);
  });
});

/** What iproute2 would do with the commands, as far as they are ours. */
const perform = (commands: KernelCommands, state: KernelState): KernelState => {
  const bridges = new Map(state.bridges);
  const tunnels = new Map([...state.tunnels].map(([name, one]) => [name, copy(one)]));
  const at = (name: string): Mutable => {
    const tunnel = tunnels.get(name);
    if (!tunnel) throw new Error(`Cannot find device "${name}"`);
    return tunnel;
  };
  for (const line of [...commands.links, ...commands.forwarding, ...commands.neighbours]) {
    const words = line.split(' ');
    const after = (word: string): string => words[words.indexOf(word) + 1] ?? '';
    const [object, verb, name = ''] = words;
    if (object === 'link' && verb === 'del') tunnels.delete(name);
    else if (object === 'link' && verb === 'add') tunnels.set(name, made(name, after));
    else if (line.includes(' address ')) bridges.set(name, after('address'));
    else if (line.includes(' mtu ')) at(name).mtu = Number(after('mtu'));
    else if (line.includes(' master ')) Object.assign(at(name), { bridge: after('master'), up: true });
    else if (object === 'fdb' && verb === 'del') at(after('dev')).forwarding.delete(name);
    else if (object === 'fdb') at(after('dev')).forwarding.set(name, after('dst'));
    else if (verb === 'del') at(after('dev')).neighbours.delete(name);
    else at(after('dev')).neighbours.set(name, after('lladdr'));
  }
  return { bridges, tunnels };
};

type Mutable = Omit<SeenTunnel, 'forwarding' | 'neighbours'> & {
  forwarding: Map<string, string>;
  neighbours: Map<string, string>;
};
const copy = (one: SeenTunnel): Mutable => ({
  ...one,
  forwarding: new Map(one.forwarding),
  neighbours: new Map(one.neighbours),
});
const made = (name: string, after: (word: string) => string): Mutable => ({
  name,
  vni: Number(after('id')),
  local: after('local'),
  port: Number(after('dstport')),
  mtu: Number(after('mtu')),
  bridge: '',
  up: false,
  forwarding: new Map(),
  neighbours: new Map(),
});

const small = fc.integer({ min: 2, max: 6 });
const anyTunnel = (vni: number): fc.Arbitrary<Tunnel> =>
  fc
    .record({
      local: small.map((last) => `10.0.0.${last}`),
      port: fc.constantFrom(4790, 4791),
      mtu: fc.constantFrom(1450, 1400),
      forwarding: fc.array(
        fc.tuple(
          small.map((n) => `02:00:00:00:00:0${n}`),
          small.map((n) => `10.0.0.${n}`),
        ),
      ),
      neighbours: fc.array(
        fc.tuple(
          small.map((n) => `10.200.0.${n}`),
          small.map((n) => `02:00:00:00:00:0${n}`),
        ),
      ),
    })
    .map((one) => ({
      ...one,
      vni,
      name: `vx${vni}`,
      bridge: `pr${vni}`,
      forwarding: new Map(one.forwarding),
      neighbours: new Map(one.neighbours),
    }));
const anyPlans = fc
  .uniqueArray(small)
  .chain((vnis) =>
    fc.tuple(
      ...vnis.map((vni) =>
        fc
          .option(anyTunnel(vni), { nil: undefined })
          .map(
            (tunnel): NetworkPlan => ({ bridge: `pr${vni}`, bridgeMac: `02:00:00:00:01:0${vni}`, tunnel }),
          ),
      ),
    ),
  );
const stateOf = (plans: readonly NetworkPlan[], up: boolean): KernelState => ({
  bridges: new Map(plans.map(({ bridge, bridgeMac }) => [bridge, bridgeMac])),
  tunnels: new Map(
    plans.flatMap(({ tunnel }) => (tunnel ? [[tunnel.name, { ...tunnel, up }] as const] : [])),
  ),
});

describe('the commands', () => {
  test('make any state of the kernel the wanted one, and then there is nothing left to do', () => {
    fc.assert(
      fc.property(anyPlans, anyPlans, fc.boolean(), (wanted, before, up) => {
        const after = perform(diffKernel(wanted, stateOf(before, up)), stateOf(before, up));
        expect(after.tunnels).toEqual(stateOf(wanted, true).tunnels);
        expect(diffKernel(wanted, after)).toEqual({ links: [], forwarding: [], neighbours: [] });
      }),
    );
  });

  test('say only what has changed', () => {
    const first = network({ members: [member('other', '10.200.0.11')] });
    const plan = planNetwork(first, host);
    const seen = perform(diffKernel([plan], EMPTY), EMPTY);
    const more = { ...first, members: [...first.members, member('other', '10.200.0.12')] };
    expect(diffKernel([planNetwork(more, host)], seen)).toEqual({
      links: [],
      forwarding: ['fdb replace 02:42:0a:c8:00:0c dev vx4096 dst 10.0.0.2 self permanent'],
      neighbours: ['neigh replace 10.200.0.12 lladdr 02:42:0a:c8:00:0c dev vx4096 nud permanent'],
    });
  });
});
