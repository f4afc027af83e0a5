import type { UpdatePolicy } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readyTasks, revision, rollout, snapshot, task } from '../../../test/samples.ts';
import { planService } from '../plan.ts';
import type { RolloutView, TaskView } from '../types.ts';

const NOW = 1_200_000;
const MINUTES = 60_000;

const rolling = (
  fresh: Partial<TaskView>,
  policy: Partial<UpdatePolicy>,
  more: Partial<RolloutView> = {},
  slots = 4,
) => {
  const made = task('new', { slot: 1, revisionId: 'r2', createdAt: 200_000, ready: false, ...fresh });
  const tasks = [made, ...readyTasks(slots).slice(1)];
  return snapshot({
    tasks,
    revisions: [
      revision('r1'),
      { ...revision('r2', policy), rollback: revision('r2', { parallelism: 0 }).update },
    ],
    rollout: rollout({ lastBatchAt: 200_000, ...more }),
  });
};

const judged = (...args: Parameters<typeof rolling>) => planService(rolling(...args), NOW).rollout;

describe('a slot fails', () => {
  const failing: [string, Partial<TaskView>][] = [
    ['when its task failed before it was ready', { state: 'failed', endedAt: NOW }],
    ['when its task was rejected', { state: 'rejected', endedAt: NOW }],
    ['when its task needs a second attempt', { attempts: 2 }],
    ['when its health check says no', { unhealthy: true }],
    [
      'when it was no longer ready within monitor, judged when nobody had said why',
      { unhealthy: true, firstReadyAt: NOW - 6_000, unreadySince: NOW - 2_000 },
    ],
    ['when it found no node for long', { state: 'pending', node: 'none', createdAt: NOW - 300_000 }],
    [
      'when its image could not be brought for long (F-21)',
      { state: 'preparing', imageReady: false, pullFails: true, createdAt: NOW - 300_000 },
    ],
    [
      'when its engine starts it not, and says nothing, for long (F-22)',
      { state: 'starting', attempts: 1, stateSince: NOW - 5 * MINUTES, heardSince: 0 },
    ],
    ['when it fails within monitor of being ready', { attempts: 2, ready: true, firstReadyAt: NOW - 4_000 }],
  ];
  it.each(failing)('%s', (_, fresh) => {
    expect(judged(fresh, {})).toMatchObject({ state: 'paused', failedSlots: [1] });
  });

  const fine: [string, Partial<TaskView>][] = [
    ['when its task takes its time', {}],
    [
      'when its engine is slow to start it',
      { state: 'starting', attempts: 1, stateSince: NOW - 5 * MINUTES + 1, heardSince: 0 },
    ],
    [
      'when it was released lately, however long it was on hold',
      { state: 'preparing', createdAt: 300_001, stateSince: NOW - 1_000, heardSince: 0 },
    ],
    ['when it is on hold', { state: 'preparing', hold: true, stateSince: 300_001, heardSince: 0 }],
    [
      'when nobody could hear its host for long',
      { state: 'starting', stateSince: 300_001, heardSince: NOW - 5 * MINUTES + 1 },
    ],
    ['when its host is not heard', { state: 'starting', stateSince: 300_001 }],
    ['when its host is silent', { state: 'starting', node: 'silent', stateSince: 300_001, heardSince: 0 }],
    [
      'when it is no longer ready, and how it ended may be said yet',
      { unhealthy: true, unreadySince: NOW - 1_999 },
    ],
    [
      'when it was no longer ready after monitor',
      { unhealthy: true, firstReadyAt: NOW - 9_000, unreadySince: NOW - 2_000 },
    ],
    ['when it waits for a node', { state: 'pending', node: 'none', createdAt: NOW - 299_000 }],
    ['when its image is slow to come', { state: 'preparing', imageReady: false, createdAt: NOW - 900_000 }],
    [
      'when it failed long ago and is ready again',
      { attempts: 2, ready: true, readySince: NOW, lastFailureAt: NOW - 9_000 },
    ],
    ['when its host was lost', { state: 'lost', endedAt: NOW }],
    ['when it fails after monitor', { attempts: 2, ready: true, firstReadyAt: NOW - 6_000 }],
    [
      'when it failed after monitor, seen late',
      { attempts: 2, firstReadyAt: 300_000, lastFailureAt: 400_000 },
    ],
    ['when its task was made before the rollout', { state: 'failed', endedAt: NOW, createdAt: 1 }],
    ['when we stopped the task', { state: 'failed', endedAt: NOW, desired: 'stopped' }],
  ];
  it.each(fine)('not %s', (_, fresh) => {
    expect(judged(fresh, {})?.failedSlots ?? []).toEqual([]);
  });

  it('and is told with others that failed alike, and in three ways at most', () => {
    const tasks = Array.from({ length: 6 }, (_, at) =>
      task(`new-${at}`, {
        ...{ slot: at + 1, revisionId: 'r2', createdAt: 200_000, ready: false, attempts: 2 },
        failure: `no room for shop-web.${at + 1}`,
      }),
    );
    const seen = { ...rolling({}, {}, {}, 6), tasks };
    expect(planService(seen, NOW).rollout?.reason).toBe(
      'slot 1 failed (no room for shop-web.1), slot 2 failed (no room for shop-web.2), slot 3 failed (no room for shop-web.3) and 3 in other ways: 6 of 6, and the policy allows none',
    );
  });

  it('by its engine after five to six minutes in which its host was heard without a break, whatever was before', () => {
    const moment = fc.integer({ min: 300_000, max: 4_000_000 });
    fc.assert(
      fc.property(moment, moment, moment, (stateSince, heardSince, now) => {
        const seen = rolling({ state: 'starting', createdAt: 200_000, stateSince, heardSince }, {});
        const { rollout: turned, wakeAt = now } = planService(seen, now);
        const waited = now - Math.max(stateSince, heardSince);
        if (waited < 5 * MINUTES) expect(turned?.state).not.toBe('paused');
        if (waited < 5 * MINUTES) expect(wakeAt).toBeLessThanOrEqual(now - waited + 6 * MINUTES);
        if (waited >= 6 * MINUTES) expect(turned?.state).toBe('paused');
      }),
    );
  });

  it('is looked at again when its end should have been said', () => {
    const seen = rolling({ unhealthy: true, unreadySince: NOW - 500 }, {});
    expect(planService(seen, NOW).wakeAt).toBe(NOW + 1_500);
  });

  it('on a node that came to a global service in the place of one that failed, and is counted', () => {
    const gone = task('gone', {
      slot: 1,
      nodeId: 'n9',
      node: 'removed',
      state: 'failed',
      endedAt: NOW - 9_000,
    });
    const seen = rolling({}, { failureAction: 'continue' }, { failedSlots: [1] });
    const global = {
      ...seen,
      service: { ...seen.service, mode: 'global' as const },
      globalNodeIds: ['n1', 'n2'],
      tasks: [{ ...gone, desired: 'stopped' as const }, task('old', { slot: 2, nodeId: 'n2' })],
    };
    expect(planService(global, NOW).create).toMatchObject([{ slot: 3, onlyNodeId: 'n1' }]);
    expect(planService({ ...global, rollout: undefined }, NOW).create).toMatchObject([
      { slot: 1, onlyNodeId: 'n1' },
    ]);
  });

  it('only once', () => {
    expect(judged({ attempts: 9 }, {}, { failedSlots: [1] })).toMatchObject({
      state: 'running',
      failedSlots: [1],
    });
  });

  it('in a first deploy only after some attempts, for what it talks to may not be there yet', () => {
    const first = { fromRevisionId: undefined };
    expect(judged({ attempts: 3 }, {}, first)).toBeUndefined();
    expect(judged({ attempts: 4 }, {}, first)).toMatchObject({ state: 'paused' });
  });
});

describe('more failures than the ratio allows', () => {
  const failed = { state: 'failed' as const, endedAt: NOW };

  it('say that no node was found', () => {
    const pending = { state: 'pending' as const, node: 'none' as const, createdAt: NOW - 300_000 };
    expect(judged(pending, {})?.reason).toBe(
      'slot 1 found no node in 5 min: 1 of 4, and the policy allows none',
    );
  });

  it('say that an engine started nothing, and let the next batch begin where that is let pass', () => {
    const hung = { state: 'starting' as const, stateSince: NOW - 6 * MINUTES, heardSince: 0 };
    expect(judged(hung, {})?.reason).toBe(
      'slot 1 did not start in 5 min, though nothing was missing: 1 of 4, and the policy allows none',
    );
    expect(planService(rolling(hung, { failureAction: 'continue' }), NOW).create).toMatchObject([
      { slot: 2 },
    ]);
    const begun = rolling({ ...hung, stateSince: NOW }, {}, { failedSlots: [1] });
    expect(planService(begun, NOW).create).toEqual([]);
  });

  it('pause the rollout with the reason', () => {
    expect(judged(failed, { failureAction: 'pause' })).toMatchObject({
      state: 'paused',
      reason: 'slot 1 failed: 1 of 4, and the policy allows none',
    });
  });

  it('name the way each slot failed, once for those that failed alike', () => {
    const [one, ...others] = rolling({ ...failed, failure: 'exit code 7' }, {}).tasks;
    const made = [one, { ...one, id: 'two', slot: 2 }, { ...one, id: 'three', slot: 3, failure: 'killed' }];
    const seen = rolling(failed, { failureAction: 'pause' });
    const tasks = [...made, ...others.filter(({ slot }) => slot > 3)] as TaskView[];
    expect(planService({ ...seen, tasks }, NOW).rollout?.reason).toBe(
      'slots 1 and 2 failed (exit code 7) and slot 3 failed (killed): 3 of 4, and the policy allows none',
    );
  });

  it('turn it back with the rollback policy', () => {
    const plan = planService(rolling(failed, { failureAction: 'rollback' }), NOW);
    expect(plan.rollout).toMatchObject({
      state: 'rolling back',
      rollingBack: true,
      failedSlots: [],
      countFailuresSince: NOW,
    });
    expect(plan.create).toMatchObject([{ slot: 1, revisionId: 'r1', reason: 'rolled back' }]);
  });

  it('are counted and passed over where the policy says continue', () => {
    expect(judged(failed, { failureAction: 'continue' })).toMatchObject({
      state: 'running',
      failedSlots: [1],
    });
  });

  it('fail a first deploy that would roll back, for there is nothing to go back to', () => {
    expect(judged(failed, { failureAction: 'rollback' }, { fromRevisionId: undefined })).toMatchObject({
      state: 'failed',
      reason: 'slot 1 failed: 1 of 4, and the policy allows none; there is no earlier revision to go back to',
    });
  });

  it('pause a restart, which has no other revision to go back to', () => {
    const restart = { fromRevisionId: 'r2', restartToken: 'x' };
    expect(judged(failed, { failureAction: 'rollback' }, restart)).toMatchObject({ state: 'paused' });
  });

  it('are told in one line', () => {
    const told = (policy: Partial<UpdatePolicy>) => planService(rolling(failed, policy), NOW).events[0]?.text;
    expect(told({})).toBe('Paused: slot 1 failed: 1 of 4, and the policy allows none');
    expect(told({ maxFailureRatio: 0.5 })).toBe('Slot 1 failed: 1 of 4, and the policy allows 2; carried on');
  });

  it('are told with the very number that the ratio allows', () => {
    const told = (maxFailureRatio: number, slots: number) =>
      planService(rolling(failed, { maxFailureRatio }, {}, slots), NOW).events[0]?.text;
    expect(told(0.29, 100)).toContain('allows 29;');
    expect(told(0.35, 20)).toContain('allows 7;');
  });

  it('begin only above the ratio', () => {
    expect(judged(failed, { maxFailureRatio: 0.25 })).toMatchObject({ state: 'running', failedSlots: [1] });
    expect(judged(failed, { maxFailureRatio: 0.2 })).toMatchObject({ state: 'paused' });
  });

  it('of before a resume do not count again', () => {
    const resumed = { countFailuresSince: NOW - 1_000 };
    expect(judged({ ...failed, endedAt: NOW - 2_000 }, {}, resumed)).toBeUndefined();
    expect(judged(failed, {}, resumed)).toMatchObject({ state: 'paused' });
    const still = { unhealthy: true, unreadySince: NOW - 3_000, firstReadyAt: NOW - 4_000 };
    expect(judged(still, {}, resumed)).toMatchObject({ state: 'paused' });
  });
});

describe('a rollback', () => {
  const back: Partial<RolloutView> = {
    state: 'rolling back',
    rollingBack: true,
    countFailuresSince: NOW - 9_000,
  };

  it('that fails is paused and touches nothing more', () => {
    const fresh = { revisionId: 'r1', state: 'failed' as const, endedAt: NOW };
    const seen = rolling(fresh, {}, back);
    const others = seen.tasks.map((t) => (t.slot > 2 ? { ...t, revisionId: 'r2' } : t));
    const plan = planService({ ...seen, tasks: others }, NOW);
    expect(plan.rollout).toMatchObject({
      state: 'paused',
      rollingBack: true,
      reason: 'the way back failed too: slot 1 failed: 1 of 4, and the policy allows none',
    });
    expect(plan.stop).toEqual([]);
    expect(plan.create).toMatchObject([{ slot: 1, revisionId: 'r1' }]);
  });

  it('drops new tasks that never served beside old ones, at once', () => {
    const seen = rolling({ revisionId: 'r2' }, {}, back);
    const plan = planService({ ...seen, tasks: [...seen.tasks, ...readyTasks(1)] }, NOW);
    expect(plan.stop.map(({ taskId }) => taskId)).toEqual(['new']);
  });

  it('ends on the earlier revision', () => {
    const seen = rolling(
      { revisionId: 'r1', ready: true, readySince: NOW - 5_000 },
      {},
      { ...back, allTurnedAt: NOW - 5_000 },
    );
    expect(planService(seen, NOW).rollout).toMatchObject({ state: 'rolled back', currentRevisionId: 'r1' });
  });
});
