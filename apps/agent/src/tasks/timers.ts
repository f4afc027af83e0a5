import { steadyNow } from '../steady.ts';

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
        Math.max(0, time - steadyNow()),
      );
      set.set(taskId, alarm);
    },
  };
};
