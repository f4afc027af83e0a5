import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { steadyNow } from '../steady.ts';
import { timers } from './timers.ts';

const RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

type DriverOptions = {
  /** Goes on with a task until there is nothing to do now. */
  turn(taskId: string): Promise<void>;
  onFailed(taskId: string, error: unknown): void;
};

/** Gives tasks their turns: one at a time for each task, many tasks at once, and a failed one again with growing waits. */
export type Driver = {
  drive(taskId: string): void;
  driveAt(taskId: string, time: number): void;
};

export const startDriver = ({ turn, onFailed }: DriverOptions): Driver => {
  const busy = new Set<string>();
  const again = new Set<string>();
  /** Turns in a row that failed, per task. */
  const failures = new Map<string, number>();
  const later = timers((taskId) => void drive(taskId));

  const retry = (taskId: string, error: unknown): void => {
    const failed = (failures.get(taskId) ?? 0) + 1;
    failures.set(taskId, failed);
    const wait = Math.min(LAST_RETRY_MS, RETRY_MS * 2 ** Math.min(failed, 10));
    log.warn({ taskId, error: messageOf(error), waitMs: wait }, 'a step failed and is tried again');
    onFailed(taskId, error);
    later.at(taskId, steadyNow() + wait);
  };
  const drive = async (taskId: string): Promise<void> => {
    if (busy.has(taskId)) {
      again.add(taskId);
      return;
    }
    busy.add(taskId);
    try {
      do {
        again.delete(taskId);
        await turn(taskId);
      } while (again.has(taskId));
      failures.delete(taskId);
    } catch (error) {
      retry(taskId, error);
    } finally {
      busy.delete(taskId);
    }
  };
  return { drive: (taskId) => void drive(taskId), driveAt: later.at };
};
