import { isFinal } from '@portreeve/domain';
import type { NewTask, ServicePlan, TaskView } from './types.ts';

/**
 * The tasks of its slot that are over before a held task starts, so that what they hold on their hosts is free for it:
 * those on their way out and, where the old goes first, the one it takes the place of. The others hold theirs still.
 */
export const roomMakers = <T extends Pick<TaskView, 'id' | 'slot' | 'desired' | 'state'>>(
  tasks: readonly T[],
  { id, slot, hold }: Pick<NewTask, 'slot' | 'hold'> & { id: string },
  { order, stop }: Pick<ServicePlan, 'order' | 'stop'>,
): T[] => {
  if (!hold) return [];
  const stopping = new Set(stop.map(({ taskId }) => taskId));
  return tasks.filter(
    (task) =>
      task.slot === slot &&
      task.id !== id &&
      !isFinal(task.state) &&
      (order === 'stop-first' || task.desired === 'stopped' || stopping.has(task.id)),
  );
};
