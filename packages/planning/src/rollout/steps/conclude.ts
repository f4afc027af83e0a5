import { formatDuration, type RolloutState } from '@portreeve/domain';
import type { Part } from '../part.ts';
import { phaseOf } from '../phase.ts';
import type { ServiceView } from '../service-view.ts';
import type { Target } from '../target.ts';
import { capital, slotsInWords } from '../words.ts';

/** Every slot is on the target: ready there, or failed there and let pass. Nothing is left on nodes it drops. */
const allTurned = (view: ServiceView, target: Target): boolean =>
  view.dropped.length + view.dropping.length === 0 &&
  view.slots.every((slot) => {
    const phase = phaseOf(slot, target);
    if (phase === 'turned') return true;
    return phase === 'turning' && slot.tail === undefined && target.rollout.failedSlots.includes(slot.slot);
  });

const ending = (view: ServiceView, target: Target): Part => {
  const failing = view.slots.filter((slot) => phaseOf(slot, target) !== 'turned').map(({ slot }) => slot);
  const where = target.back ? 'the earlier revision' : 'the new revision';
  const turned = `every slot is on ${where}`;
  const end = (state: RolloutState, reason: string): Part => ({
    events: [{ kind: state, text: capital(reason) }],
    rollout: { state, reason, currentRevisionId: target.revisionId },
  });
  if (failing.length === 0) return end(target.back ? 'rolled back' : 'succeeded', turned);
  const but = `${turned}, but ${slotsInWords(failing)} ${failing.length === 1 ? 'does' : 'do'} not get ready`;
  // Told to carry on whatever happens, it has; that is no success.
  const tolerated = failing.length / view.slots.length <= target.policy.maxFailureRatio;
  return end(tolerated ? (target.back ? 'rolled back' : 'succeeded') : 'failed', but);
};

/**
 * When watching began: as all were turned, or as the last task was ready that came after, since a slot was added or a
 * host was lost. What has failed already is not waited for.
 */
const watchedSince = (view: ServiceView, { rollout }: Target): number => {
  const ready = view.slots.flatMap(({ slot, head }) =>
    head === undefined || head.createdAt < rollout.startedAt || rollout.failedSlots.includes(slot)
      ? []
      : (head.firstReadyAt ?? head.readySince ?? []),
  );
  return Math.max(rollout.allTurnedAt || view.now, ...ready);
};

/** Ends the rollout when every slot is turned and has been watched for `monitor`. */
export const conclude = (view: ServiceView): Part => {
  const { target, now, seen } = view;
  if (seen.service.desired === 'removed' && target !== undefined)
    return { rollout: { state: 'aborted', reason: 'the service was removed' } };
  if (!target?.moving || seen.service.desired !== 'running' || !allTurned(view, target)) return {};
  // What has ended well cannot fail any more, and with no slot there is nothing to watch.
  if (view.slots.every(({ over }) => over)) return ending(view, target);

  const until = watchedSince(view, target) + target.policy.monitorMs;
  if (now >= until) return ending(view, target);
  const sentence = `every slot to stay ready, ${formatDuration(until - now)} more`;
  return {
    waitingOn: [{ kind: 'monitor', until, sentence }],
    wakeAt: [until],
    rollout: { allTurnedAt: target.rollout.allTurnedAt || now },
  };
};
