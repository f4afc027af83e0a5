import { formatDuration } from '@portreeve/domain';
import type { Part } from '../part.ts';
import { phaseOf } from '../phase.ts';
import type { ServiceView } from '../service-view.ts';
import type { Target } from '../target.ts';

/** Every slot is on the target: ready there, or failed there and let pass. */
const allTurned = (view: ServiceView, target: Target): boolean =>
  view.slots.every((slot) => {
    const phase = phaseOf(slot, target);
    if (phase === 'turned') return true;
    return phase === 'turning' && slot.tail === undefined && target.rollout.failedSlots.includes(slot.slot);
  });

const ending = (target: Target): Part => {
  const state = target.back ? 'rolled back' : 'succeeded';
  const text = target.back
    ? 'Rolled back: every slot is on the earlier revision'
    : 'Every slot is on the new revision';
  return {
    events: [{ kind: state, text }],
    rollout: { state, reason: text, currentRevisionId: target.revisionId },
  };
};

/** Ends the rollout when every slot is turned and has been watched for `monitor`. */
export const conclude = (view: ServiceView): Part => {
  const { target, now, seen } = view;
  if (seen.service.desired === 'removed' && target !== undefined)
    return { rollout: { state: 'aborted', reason: 'the service was removed' } };
  if (!target?.moving || seen.service.desired !== 'running' || !allTurned(view, target)) return {};
  // What has ended well cannot fail any more, and with no slot there is nothing to watch.
  if (view.slots.every(({ over }) => over)) return ending(target);

  const since = target.rollout.allTurnedAt || now;
  const until = since + target.policy.monitorMs;
  if (now >= until) return ending(target);
  const sentence = `every slot to stay ready, ${formatDuration(until - now)} more`;
  return {
    waitingOn: [{ kind: 'monitor', until, sentence }],
    wakeAt: [until],
    rollout: { allTurnedAt: since },
  };
};
