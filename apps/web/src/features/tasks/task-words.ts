import type { TaskView } from '@portreeve/contract';
import { formatDuration, isFinal } from '@portreeve/domain';
import { clockTime } from '../../ui/when.tsx';

/** A task's state in words: its health, or how it ended; between attempts, when the next one comes. */
export const taskWords = (task: Pick<TaskView, 'health' | 'state' | 'restartAt'>, now: number): string => {
  if (isFinal(task.state)) return task.state;
  if (task.health === 'restarting' && task.restartAt) {
    const wait = Date.parse(task.restartAt) - now;
    return wait > 0 ? `restarts in ${formatDuration(Math.max(wait, 1_000))}` : 'restarting';
  }
  if (task.health === 'starting' && task.state !== 'running') return task.state;
  return task.health;
};

/** `137 at 08:11:02`, out of memory said as such. */
export const exitWords = (exit: NonNullable<TaskView['lastExit']>): string =>
  `${exit.outOfMemory ? 'out of memory' : (exit.exitCode ?? 'ended')} at ${clockTime(exit.at)}`;

/** What changes comes first, then what is not well, then by slot. */
const RANK: Record<TaskView['health'], number> = {
  failed: 1,
  unhealthy: 1,
  restarting: 1,
  starting: 0,
  stopping: 2,
  waiting: 1,
  unknown: 1,
  ready: 3,
  ended: 4,
};
export const byUrgency = (a: TaskView, b: TaskView): number =>
  RANK[a.health] - RANK[b.health] || a.slot - b.slot || b.revision - a.revision;
