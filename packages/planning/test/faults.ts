import { isEnded } from '@portreeve/domain';
import fc from 'fast-check';
import {
  type Behaviour,
  deploy,
  kill,
  type Mode,
  roll,
  SECOND,
  type Where,
  type World,
} from './simulator.ts';

/** What may happen to a service and its hosts, as data, so that a counterexample can be read. */

export const policy = fc.record({
  parallelism: fc.integer({ min: 0, max: 3 }),
  delayMs: fc.constantFrom(0, 3 * SECOND),
  order: fc.constantFrom('start-first' as const, 'stop-first' as const),
  monitorMs: fc.constantFrom(0, 5 * SECOND),
  maxFailureRatio: fc.constantFrom(0, 0.3, 1),
  failureAction: fc.constantFrom('pause' as const, 'continue' as const, 'rollback' as const),
  gateEachBatch: fc.boolean(),
});

const fault = fc.oneof(
  fc.record({
    kind: fc.constant('deploy' as const),
    behaviour: fc.constantFrom<Behaviour>(
      'good',
      'slow',
      'never ready',
      'crashes',
      'rejected',
      'dies for good',
    ),
    policy,
    mode: fc.constantFrom<(Mode | undefined)[]>(undefined, undefined, undefined, 'replicated', 'global'),
    where: fc.constantFrom<Where[]>('everywhere', 'everywhere', 'odd hosts'),
  }),
  fc.record({ kind: fc.constant('roll' as const), nth: fc.nat(5) }),
  fc.record({ kind: fc.constant('scale' as const), replicas: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ kind: fc.constant('kill' as const), nth: fc.nat(20) }),
  fc.record({
    kind: fc.constant('host' as const),
    nth: fc.nat(5),
    mood: fc.constantFrom('ready' as const, 'silent' as const, 'draining' as const),
  }),
  fc.record({
    kind: fc.constant('press' as const),
    button: fc.constantFrom('pause' as const, 'resume' as const, 'abort' as const),
  }),
  fc.record({
    kind: fc.constant('power' as const),
    desired: fc.constantFrom('running' as const, 'stopped' as const),
  }),
);
type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

/** Faults with the seconds that pass after each. */
export const story = fc.array(fc.record({ fault, wait: fc.integer({ min: 0, max: 20 }) }), { maxLength: 14 });

const GIB = 2 ** 30;

export const setting = fc.record({
  hosts: fc.integer({ min: 1, max: 6 }),
  replicas: fc.integer({ min: 1, max: 6 }),
  mode: fc.constantFrom('replicated' as const, 'replicated' as const, 'global' as const),
  fixedPort: fc.boolean(),
  localVolume: fc.boolean(),
  // Of a host's 4 GiB: nothing, room for two, room for one.
  reservation: fc.constantFrom(0, 2 * GIB, 3 * GIB),
  maxPerNode: fc.constantFrom(undefined, undefined, 1, 2),
});

const press = (world: World, button: 'pause' | 'resume' | 'abort'): void => {
  const { rollout } = world.seen;
  if (rollout === undefined || isEnded(rollout.state)) return;
  if (button === 'abort') world.seen.rollout = { ...rollout, state: 'aborted' };
  if (button === 'pause' && rollout.state !== 'paused')
    world.seen.rollout = { ...rollout, state: 'paused', rollingBack: rollout.state === 'rolling back' };
  if (button === 'resume' && rollout.state === 'paused')
    world.seen.rollout = {
      ...rollout,
      state: rollout.rollingBack === true ? 'rolling back' : 'running',
      failedSlots: [],
      countFailuresSince: world.now,
    };
};

/** Makes it happen. */
export const strike = (world: World, it: Fault): void => {
  if (it.kind === 'deploy')
    deploy(world, it.behaviour, it.policy, { ...(it.mode && { mode: it.mode }), where: it.where });
  if (it.kind === 'roll') roll(world, world.seen.revisions[it.nth % world.seen.revisions.length]?.id ?? 'r1');
  if (it.kind === 'scale') world.seen.service = { ...world.seen.service, replicas: it.replicas };
  if (it.kind === 'power') world.seen.service = { ...world.seen.service, desired: it.desired };
  if (it.kind === 'press') press(world, it.button);
  if (it.kind === 'kill') {
    const victim = world.seen.tasks[it.nth % Math.max(1, world.seen.tasks.length)];
    if (victim !== undefined) kill(world, victim.id);
  }
  if (it.kind === 'host') {
    const host = world.hosts[it.nth % world.hosts.length];
    if (host !== undefined) Object.assign(host, { mood: it.mood, silentSince: world.now });
  }
};
