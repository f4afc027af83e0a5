import { nextSentence } from './next.ts';
import { type Part, sumOf } from './part.ts';
import { viewService } from './service-view.ts';
import { conclude } from './steps/conclude.ts';
import { fillVacant } from './steps/fill-vacant.ts';
import { haltOrGoOn } from './steps/halt.ts';
import { handOver } from './steps/hand-over.ts';
import { judgeFailures, withRollout } from './steps/judge-failures.ts';
import { loseTasks, withoutLost } from './steps/lose.ts';
import { moveOff } from './steps/move-off.ts';
import { startBatch } from './steps/start-batch.ts';
import { stopSurplus } from './steps/stop-surplus.ts';
import { sayWaiting } from './steps/waiting.ts';
import type { RolloutView, ServicePlan, ServiceSnapshot } from './types.ts';

const sameRollout = (a: RolloutView, b: RolloutView): boolean =>
  a.state === b.state &&
  a.failedSlots.length === b.failedSlots.length &&
  (a.lastBatchAt ?? 0) === (b.lastBatchAt ?? 0) &&
  (a.lastBatchReadyAt ?? 0) === (b.lastBatchReadyAt ?? 0) &&
  (a.allTurnedAt ?? 0) === (b.allTurnedAt ?? 0) &&
  a.countFailuresSince === b.countFailuresSince;

const rolloutChange = (seen: ServiceSnapshot, part: NonNullable<Part['rollout']>): ServicePlan['rollout'] => {
  if (seen.rollout === undefined) return undefined;
  const { reason, currentRevisionId, ...changed } = part;
  const after: RolloutView = { ...seen.rollout, ...changed };
  if (sameRollout(seen.rollout, after)) return undefined;
  return {
    state: after.state,
    reason: reason ?? after.pausedReason ?? '',
    failedSlots: after.failedSlots,
    lastBatchAt: after.lastBatchAt,
    lastBatchReadyAt: after.lastBatchReadyAt,
    allTurnedAt: after.allTurnedAt,
    rollingBack: after.rollingBack,
    countFailuresSince: after.countFailuresSince,
    ...(currentRevisionId !== undefined && { currentRevisionId }),
  };
};

/**
 * What to do now for one service: a reconciler from its snapshot and the clock. Repeating it without a change
 * in between asks for nothing new. The snapshot must hold every task that is not final and, of each slot, the
 * last one that ended. Steady state, scaling, draining, lost hosts and rollouts are all the same plan: slots
 * are compared with what they should be, and each step adds its part.
 */
export const planService = (snapshot: ServiceSnapshot, now: number): ServicePlan => {
  const lose = loseTasks(snapshot);
  const survivors = withoutLost(snapshot, lose, now);
  const halted = haltOrGoOn(survivors, now);
  const standing = withRollout(survivors, halted);
  const judged = judgeFailures(standing, now);
  const view = viewService(withRollout(standing, judged), now);

  const batch = startBatch(view);
  const begun = new Set(batch.create?.map(({ slot }) => slot));
  const moved = moveOff(view, begun);
  const filled = fillVacant(view, begun);
  const ended = conclude(view);
  const created = [batch, moved, filled].flatMap((part) => part.create ?? []).map(({ slot }) => slot);
  const plan = sumOf([
    halted,
    judged,
    stopSurplus(view),
    handOver(view),
    batch,
    moved,
    filled,
    ended,
    sayWaiting(view, created),
  ]);
  const wakeAt = plan.wakeAt.filter((at) => at > now);

  return {
    create: plan.create,
    order: view.order,
    release: plan.release,
    stop: plan.stop,
    lose,
    rollout: rolloutChange(snapshot, plan.rollout),
    events: plan.events,
    waitingOn: plan.waitingOn,
    next: nextSentence(view, plan.waitingOn, [...begun]),
    ...(wakeAt.length > 0 && { wakeAt: Math.min(...wakeAt) }),
  };
};
