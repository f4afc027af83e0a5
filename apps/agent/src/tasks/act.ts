import type { AssignedTask } from '@portreeve/agent-protocol';
import pLimit from 'p-limit';
import { launch, startContainer } from './actions/launch.ts';
import { pull } from './actions/pull.ts';
import { endReplaced } from './actions/replace.ts';
import { recordFailedStart, settle } from './actions/settle.ts';
import { discard, forget, stop } from './actions/stop.ts';
import type { TaskContext } from './context.ts';
import type { Action } from './decide.ts';
import { sharedPulls } from './pulls.ts';
import type { AttemptRecord, TaskRecord } from './record.ts';

const STARTS_AT_ONCE = 32;

export type Step = Exclude<Action, { do: 'wait' }>;

export type Actor = {
  act(record: TaskRecord, task: AssignedTask | undefined, step: Step): Promise<void>;
  /** Ends the pull of a task that is no longer wanted. */
  cancelPull(taskId: string): void;
  pulling(): Iterable<string>;
};

const attemptOf = (record: TaskRecord, attempt: number): AttemptRecord => {
  const found = record.attempts.find((one) => one.attempt === attempt);
  if (!found) throw new Error(`task ${record.taskId} has no attempt ${attempt}`);
  return found;
};

const wantedTask = (task: AssignedTask | undefined): AssignedTask => {
  if (!task) throw new Error('only a task of the document is started');
  return task;
};

/** Does what was decided, one step of one task. */
export const actor = (context: TaskContext): Actor => {
  const aborts = new Map<string, AbortController>();
  const pulls = sharedPulls(context.engine);
  const starting = pLimit(STARTS_AT_ONCE);

  const bring = async (record: TaskRecord, task: AssignedTask): Promise<void> => {
    const abort = new AbortController();
    aborts.set(record.taskId, abort);
    const work = { record, assigned: task, signal: abort.signal };
    await pull(context, pulls, work, task).finally(() => aborts.delete(record.taskId));
  };

  const startAgain = (record: TaskRecord, task: AssignedTask, attempt: AttemptRecord): Promise<void> =>
    startContainer(context, record, task, attempt).catch((error) =>
      recordFailedStart(context, record, attempt, error),
    );

  const act: Actor['act'] = async (record, task, step) => {
    switch (step.do) {
      case 'pull':
        return bring(record, wantedTask(task));
      case 'launch':
        return starting(() => launch(context, record, wantedTask(task), step.attempt));
      case 'start':
        return starting(() => startAgain(record, wantedTask(task), attemptOf(record, step.attempt)));
      case 'stop':
        return stop(context, record, attemptOf(record, step.attempt), step.by);
      case 'settle':
        return settle(context, record, attemptOf(record, step.attempt));
      case 'discard':
        return discard(context, record, step.containerId);
      case 'end-replaced':
        return endReplaced(context, record, step.restart);
      case 'finish':
        Object.assign(record, { state: step.state, reason: step.reason, ready: false });
        return context.book.save();
      case 'forget':
        return forget(context, record);
    }
  };

  return {
    act,
    cancelPull: (taskId) => aborts.get(taskId)?.abort(new Error('the task is no longer wanted')),
    pulling: () => aborts.keys(),
  };
};
