import { steadyNow } from '../steady.ts';

/** A timer that is set further ahead than this goes off at once; one that goes off early is set again. */
const LONGEST_MS = 2 ** 31 - 1;

/** One alarm per task, at a moment of `steadyNow`; a new one takes the place of the old. */
export const timers = (ring: (taskId: string) => void): { at(taskId: string, time: number): void } => {
  const set = new Map<string, NodeJS.Timeout>();
  return {
    at: (taskId, time) => {
      clearTimeout(set.get(taskId));
      const alarm = setTimeout(
        () => {
          set.delete(taskId);
          ring(taskId);
        },
        Math.min(LONGEST_MS, Math.max(0, time - steadyNow())),
      );
      set.set(taskId, alarm);
    },
  };
};
