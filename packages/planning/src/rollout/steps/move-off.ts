import { replaceableAt } from '../backoff.ts';
import { newTask, stopSuperseded } from '../new-task.ts';
import type { Part } from '../part.ts';
import type { ServiceView } from '../service-view.ts';
import { mustMove } from '../task-view.ts';
import { capital, slotsInWords } from '../words.ts';

/**
 * Empties draining hosts without an outage: the replacement is made first, and the old task stays until that
 * one is ready. `taken` slots are being changed by the rollout already.
 */
export const moveOff = (view: ServiceView, taken: ReadonlySet<number>): Part => {
  const { target } = view;
  const moving = view.slots.filter(
    ({ slot, head, onlyNodeId }) =>
      head !== undefined &&
      mustMove(head) &&
      onlyNodeId === undefined &&
      !taken.has(slot) &&
      replaceableAt(view.seen, slot) <= view.now,
  );
  if (moving.length === 0) return {};
  const create = moving.map((slot) =>
    newTask(view, slot, {
      revisionId: (target?.back && target.moving ? target.revisionId : slot.head?.revisionId) ?? '',
      hold: slot.head?.hold === true,
      reason: 'its host is being drained',
    }),
  );
  const text = `${capital(slotsInWords(moving.map(({ slot }) => slot)))}: host is drained, new tasks first`;
  return { create, stop: stopSuperseded(moving), events: [{ kind: 'drain', text }] };
};
