import type { Part } from '../part.ts';
import type { ServiceView } from '../service-view.ts';
import type { SlotView } from '../slot-view.ts';
import { isReady, mustMove } from '../task-view.ts';
import { capital, slotsInWords } from '../words.ts';

type Held = SlotView & { head: NonNullable<SlotView['head']> };

const isHeld = (slot: SlotView): slot is Held => slot.head?.hold === true;

/**
 * Stop-first, slot by slot: an old task stops once the image of the new one is on its host and the floor
 * allows it; the new one is let go when nothing else of its slot is left.
 */
export const handOver = (view: ServiceView): Part => {
  const held = view.slots.filter(isHeld);
  // Start-first holds a task only for one that is on its way out, never for the one it will replace.
  const alone = ({ tail }: Held) => tail === undefined || view.order === 'start-first';
  const free = held.filter((slot) => alone(slot) && slot.leaving.length === 0);
  const stopping = held.filter((slot) => alone(slot) && slot.leaving.length > 0);
  const pulled = held.filter((slot) => !alone(slot) && slot.head.imageReady && !mustMove(slot.head));
  const part: Required<Pick<Part, 'release' | 'stop' | 'waitingOn' | 'events'>> = {
    release: free.map(({ head }) => head.id),
    stop: [],
    waitingOn: [],
    events: [],
  };
  const waiting = stopping.map(({ slot }) => slot);

  let ready = view.readyCount;
  const kept: number[] = [];
  for (const { slot, tail } of view.target?.moving === true ? pulled : []) {
    if (tail === undefined) continue;
    if (isReady(tail) && ready - 1 < view.floor) {
      kept.push(slot);
      continue;
    }
    if (isReady(tail)) ready -= 1;
    part.stop.push({ taskId: tail.id, reason: 'the image of the task that replaces it is on its host' });
    waiting.push(slot);
  }
  if (part.stop.length > 0)
    part.events.push({
      kind: 'pulled',
      text: `${capital(slotsInWords(waiting))}: image there, old stopping`,
    });
  if (waiting.length > 0)
    part.waitingOn.push({
      kind: 'stopping',
      slots: waiting,
      sentence: `the old ${waiting.length === 1 ? 'task' : 'tasks'} of ${slotsInWords(waiting)} to stop`,
    });
  if (kept.length > 0)
    part.waitingOn.push({
      kind: 'floor',
      sentence: `more slots to be ready: with ${slotsInWords(kept)} stopped, fewer than ${view.floor} would be; now ${ready}`,
    });
  return part;
};
