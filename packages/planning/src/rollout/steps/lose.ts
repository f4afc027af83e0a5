import { isFinal } from '@portreeve/domain';
import type { ServiceSnapshot, TaskView } from '../types.ts';

const isGone = (task: TaskView): boolean => {
  if (isFinal(task.state)) return false;
  if (task.node === 'removed') return true;
  // Data is on that host and nowhere else: the task waits, unless nobody wants it any more.
  return task.node === 'lost' && (!task.hasLocalVolume || task.desired === 'stopped');
};

/** Tasks whose host is gone for good or whose lease has ended; they are lost from now on. */
export const loseTasks = (seen: ServiceSnapshot): string[] => seen.tasks.filter(isGone).map(({ id }) => id);

/** The snapshot as it will be once those are lost. */
export const withoutLost = (seen: ServiceSnapshot, lost: string[], now: number): ServiceSnapshot => {
  if (lost.length === 0) return seen;
  const ids = new Set(lost);
  return {
    ...seen,
    tasks: seen.tasks.map((task) =>
      ids.has(task.id) ? { ...task, state: 'lost', ready: false, endedAt: now } : task,
    ),
  };
};
