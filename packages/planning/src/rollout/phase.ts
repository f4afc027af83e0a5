import type { SlotView } from './slot-view.ts';
import type { Target } from './target.ts';
import { isReady } from './task-view.ts';

/**
 * How far a slot is on the way to the target: `turned` runs there and is ready; `turning` is on its way there;
 * `old` still runs something else, `dead` did; `empty` never had a task.
 */
export type SlotPhase = 'turned' | 'turning' | 'old' | 'dead' | 'empty';

/** The phase of one slot in an unfinished rollout. */
export const phaseOf = ({ head, tail, last, over }: SlotView, target: Target): SlotPhase => {
  if (over) return 'turned';
  if (head === undefined && last === undefined) return 'empty';
  if (head === undefined) return last !== undefined && target.isOn(last) ? 'turning' : 'dead';
  if (!target.isOn(head)) return 'old';
  return isReady(head) && tail === undefined ? 'turned' : 'turning';
};
