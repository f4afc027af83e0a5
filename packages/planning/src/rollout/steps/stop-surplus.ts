import type { Part } from '../part.ts';
import type { ServiceView } from '../service-view.ts';
import { modeOf } from '../target.ts';
import { isReady } from '../task-view.ts';
import { capital, slotsInWords } from '../words.ts';

const reasonFor = ({ seen }: ServiceView): string => {
  if (seen.service.desired === 'removed') return 'the service was removed';
  if (seen.service.desired === 'stopped') return 'the service was stopped';
  return modeOf(seen) === 'global' ? 'its node is not one of the service any more' : 'scaled down';
};

/** Stops what no slot needs: slots that are too many, doubles, and the old once the new one is ready. */
export const stopSurplus = (view: ServiceView): Part => {
  const reason = reasonFor(view);
  const unwanted = view.unwanted.map(({ id }) => ({ taskId: id, reason }));
  const handed: number[] = [];
  const doubles = view.slots.flatMap(({ slot, head, surplus, over }) =>
    surplus.map((task) => {
      const served = head !== undefined && isReady(head) && head.replaces === task.id;
      if (served) handed.push(slot);
      const why = served ? 'the task that replaces it is ready' : `slot ${slot} has another task`;
      return { taskId: task.id, reason: over ? `slot ${slot} is done` : why };
    }),
  );
  const events = [];
  if (unwanted.length > 0)
    events.push({
      kind: 'stop',
      text: `Stopping ${slotsInWords([...new Set(view.unwanted.map((t) => t.slot))])}: ${reason}`,
    });
  if (handed.length > 0)
    events.push({ kind: 'turned', text: `${capital(slotsInWords(handed))}: new ready, old stopping` });
  return { stop: [...unwanted, ...doubles], events };
};
