import { isEnded, isFinal, type UpdatePolicy } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planService, type ServicePlan, type ServiceSnapshot } from '../src/index.ts';
import { policy, setting, story, strike } from './faults.ts';
import { deploy, newWorld, readySlots, second, until, type World } from './simulator.ts';

const wantedCount = ({ service, globalNodeIds }: ServiceSnapshot): number =>
  service.mode === 'global' ? globalNodeIds.length : service.replicas;

const policyOf = ({ rollout, revisions }: ServiceSnapshot): UpdatePolicy | undefined => {
  if (rollout === undefined || isEnded(rollout.state)) return undefined;
  const revision = revisions.find(({ id }) => id === rollout.toRevisionId);
  return rollout.state === 'rolling back' ? revision?.rollback : revision?.update;
};

/** Slots that may be unready by our doing: none, or one batch where old tasks stop first. */
const allowance = (after: ServiceSnapshot): number => {
  const rules = policyOf(after);
  const stopFirst =
    rules?.order === 'stop-first' ||
    after.tasks.some((t) => t.publishesHostPort && (t.hasLocalVolume || after.service.mode === 'global'));
  if (rules === undefined || !stopFirst) return 0;
  return rules.parallelism === 0 ? Number.POSITIVE_INFINITY : rules.parallelism;
};

const checkEveryStep = (
  before: ServiceSnapshot,
  plan: ServicePlan,
  after: ServiceSnapshot,
  now: number,
): void => {
  const active = after.tasks.filter((t) => t.desired === 'running' && !isFinal(t.state));
  for (const [slot, tasks] of Map.groupBy(active, (t) => t.slot))
    expect(tasks.length, `slot ${slot} never has more than the old task and the new one`).toBeLessThanOrEqual(
      2,
    );

  const stopped = new Set(plan.stop.map(({ taskId }) => taskId));
  if (
    after.service.desired === 'running' &&
    before.service.mode === 'replicated' &&
    after.service.mode === 'replicated'
  ) {
    const was = readySlots(before.tasks);
    const is = readySlots(before.tasks.filter(({ id }) => !stopped.has(id)));
    const floor = Math.max(0, wantedCount(after) - allowance({ ...after, rollout: before.rollout }));
    const floorAfter = Math.max(0, wantedCount(after) - allowance(after));
    expect(is, 'ready slots never fall below the floor by our doing').toBeGreaterThanOrEqual(
      Math.min(was, floor, floorAfter),
    );
  }

  if (plan.rollout?.state === 'succeeded' || plan.rollout?.state === 'rolled back') {
    const { startedAt = now } = before.rollout ?? {};
    const { monitorMs = 0 } = policyOf(before) ?? {};
    const judged = active.filter(
      (t) => t.createdAt >= startedAt && !plan.rollout?.failedSlots.includes(t.slot),
    );
    for (const { slot, firstReadyAt = 0 } of judged)
      expect(now - firstReadyAt, `slot ${slot} was watched before the end`).toBeGreaterThanOrEqual(monitorMs);
  }

  const again = planService(after, now);
  expect(
    again.create.filter(({ slot }) => !plan.create.some((c) => c.slot === slot)),
    'planning again creates nothing new',
  ).toEqual([]);
  // A task with data on a lost host is lost once it is told to stop.
  const lose = again.lose.filter((id) => !stopped.has(id));
  expect([again.stop, again.release, lose], 'planning again changes nothing').toEqual([[], [], []]);
};

/** How many tasks a host has room for. */
const perHost = ({ reservation, maxPerNode, fixedPort }: World): number =>
  Math.min(
    reservation > 0 ? Math.floor((4 * 2 ** 30) / reservation) : Number.POSITIVE_INFINITY,
    maxPerNode ?? Number.POSITIVE_INFINITY,
    fixedPort ? 1 : Number.POSITIVE_INFINITY,
  );

/** Old and new on hosts that have no room for both: the old one must go first, or there must be a spare place. */
const leaveRoom = (w: World, order: UpdatePolicy['order']): void => {
  const spare = order === 'start-first' ? 1 : 0;
  const { service } = w.seen;
  const replicas = Math.min(service.replicas, Math.max(0, perHost(w) * w.hosts.length - spare));
  w.seen.service = { ...service, replicas };
};

const heal = (w: World): void => {
  for (const host of w.hosts) host.mood = 'ready';
  w.seen.service = { ...w.seen.service, desired: 'running' };
};

const settled = (w: World): boolean => {
  const active = w.seen.tasks.filter((t) => !isFinal(t.state));
  return active.length === wantedCount(w.seen) && active.every((t) => t.ready && t.desired === 'running');
};

describe('planService under faults', () => {
  it('keeps the floor, never doubles a slot and repeats nothing', () => {
    fc.assert(
      fc.property(setting, story, (options, chapters) => {
        const w = newWorld(options);
        for (const { wait, fault } of chapters) {
          strike(w, fault);
          for (let i = 0; i <= wait; i += 1)
            second(w, (before, plan, after) => checkEveryStep(before, plan, after, w.now));
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('comes to rest on the wanted slots once the faults stop and a good revision is deployed', () => {
    fc.assert(
      fc.property(setting, story, policy, (options, chapters, rules) => {
        // More volumes may end up on one host than it has room for their tasks: nothing to converge to.
        const free = { fixedPort: false, reservation: 0, maxPerNode: undefined };
        const w = newWorld({ ...options, ...(options.localVolume && free) });
        // On each host a second task must fit where the new one of a global service is to start first.
        fc.pre(
          options.mode === 'replicated' || rules.order === 'stop-first' || w.fixedPort || perHost(w) > 1,
        );
        for (const { wait, fault } of chapters) {
          strike(w, fault);
          for (let i = 0; i <= wait; i += 1) second(w);
        }
        heal(w);
        deploy(w, 'good', { ...rules, failureAction: 'continue' }, { mode: options.mode });
        leaveRoom(w, rules.order);
        until(w, (it) => it.seen.rollout?.state === 'succeeded' && settled(it), 900);
        expect(w.seen.rollout?.state).toBe('succeeded');
        expect(settled(w)).toBe(true);
        const revisions = new Set(w.seen.tasks.filter((t) => !isFinal(t.state)).map((t) => t.revisionId));
        expect(revisions.size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
