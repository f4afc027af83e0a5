import { isFinal } from '@portreeve/domain';
import type { TaskView } from './types.ts';

/** Wanted and not over. */
export const isActive = (task: TaskView): boolean => task.desired === 'running' && !isFinal(task.state);

/** Told to stop and not yet over. */
export const isLeaving = (task: TaskView): boolean => task.desired === 'stopped' && !isFinal(task.state);

/** Known to serve. A task on a silent host may serve, but nobody may count on it. */
export const isReady = (task: TaskView): boolean =>
  task.ready && isActive(task) && task.state === 'running' && task.node !== 'silent' && task.node !== 'lost';

/** Its host is being emptied and the task can go elsewhere. */
export const mustMove = (task: TaskView): boolean => task.node === 'draining' && !task.hasLocalVolume;

/** Waits for a host that has gone, because its data is there. */
export const waitsForItsNode = (task: TaskView): boolean =>
  task.hasLocalVolume && (task.node === 'silent' || task.node === 'lost') && isActive(task);

/** The node of a task, or the one it was made for. */
export const homeOf = (task: TaskView): string | undefined => task.nodeId ?? task.onlyNodeId;

/** When a task was over, or made when it is not: later is newer. */
export const lastSeen = (task: TaskView): number => task.endedAt ?? task.createdAt;

/** The slots of some tasks, each once, ascending. */
export const slotsOf = (tasks: TaskView[]): number[] =>
  [...new Set(tasks.map(({ slot }) => slot))].sort((a, b) => a - b);
