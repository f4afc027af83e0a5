import type { UpdatePolicy } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import { readyTasks, revision, rollout, snapshot } from '../../../test/samples.ts';
import { planService } from '../plan.ts';
import type { RolloutView } from '../types.ts';

const NOW = 1_000_000;
const fresh = { revisionId: 'r2', createdAt: 200_000, readySince: NOW - 5_000 };

const done = (policy: Partial<UpdatePolicy> = {}, more: Partial<RolloutView> = {}) =>
  snapshot({
    tasks: readyTasks(2, fresh),
    revisions: [revision('r1'), revision('r2', policy)],
    rollout: rollout({ lastBatchAt: 1, lastBatchReadyAt: 2, ...more }),
  });

describe('a rollout', () => {
  it('is watched from the moment every slot is on the target', () => {
    const plan = planService(done({ monitorMs: 5_000 }), NOW);
    expect(plan.rollout).toMatchObject({ state: 'running', allTurnedAt: NOW });
    expect(plan.waitingOn).toMatchObject([
      { kind: 'monitor', until: NOW + 5_000, sentence: 'every slot to stay ready, 5 s more' },
    ]);
    expect(plan.wakeAt).toBe(NOW + 5_000);
    expect(plan.next).toBe(
      'Next: done, when all have stayed ready for 5 s. Never fewer than 1 ready; now 2.',
    );
  });

  it('has succeeded when monitor is over, and the service is on the new revision', () => {
    const plan = planService(done({ monitorMs: 5_000 }, { allTurnedAt: NOW - 5_000 }), NOW);
    expect(plan.rollout).toMatchObject({ state: 'succeeded', currentRevisionId: 'r2' });
  });

  it('is watched as long for a task that came last, for a slot that was added or in the place of a lost one', () => {
    const seen = done({ monitorMs: 5_000 }, { allTurnedAt: NOW - 5_000 });
    const tasks = seen.tasks.map((t) => (t.slot === 2 ? { ...t, firstReadyAt: NOW - 2_000 } : t));
    const plan = planService({ ...seen, tasks }, NOW);
    expect([plan.rollout, plan.wakeAt]).toEqual([undefined, NOW + 3_000]);
    const failed = done({ monitorMs: 5_000, maxFailureRatio: 1 }, { ...seen.rollout, failedSlots: [2] });
    expect(planService({ ...failed, tasks }, NOW).rollout?.state).toBe('succeeded');
  });

  it('has succeeded at once without a monitor', () => {
    expect(planService(done({ monitorMs: 0 }), NOW).rollout?.state).toBe('succeeded');
  });

  it('has not succeeded while a slot is down, however long ago all were there', () => {
    const seen = done({}, { allTurnedAt: 1 });
    const tasks = seen.tasks.map((t) => (t.slot === 2 ? { ...t, ready: false } : t));
    expect(planService({ ...seen, tasks }, NOW).rollout).toBeUndefined();
  });

  it('has failed when it was told to continue and more slots fail than may', () => {
    const seen = done({ failureAction: 'continue', monitorMs: 0 }, { failedSlots: [2] });
    const tasks = seen.tasks.map((t) => (t.slot === 2 ? { ...t, ready: false, attempts: 5 } : t));
    expect(planService({ ...seen, tasks }, NOW).rollout).toMatchObject({
      state: 'failed',
      currentRevisionId: 'r2',
      reason: 'every slot is on the new revision, but slot 2 does not get ready',
    });
  });

  it('of a service without slots has succeeded at once', () => {
    const seen = snapshot({ rollout: rollout(), service: { replicas: 0 } });
    expect(planService(seen, NOW).rollout).toMatchObject({ state: 'succeeded', currentRevisionId: 'r2' });
  });

  it('that has ended changes nothing', () => {
    expect(planService(done({}, { state: 'succeeded' }), NOW)).toMatchObject({
      rollout: undefined,
      stop: [],
    });
  });
});
