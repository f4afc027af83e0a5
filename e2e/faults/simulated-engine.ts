import type { AssignedTask, DesiredDocument, TaskReport } from '@portreeve/agent-protocol';
import { isFinal, type TaskState } from '@portreeve/domain';

/** What runs on a simulated host. */
export type Container = {
  task: AssignedTask;
  state: TaskState;
  ready: boolean;
  attempt: number;
  timer?: NodeJS.Timeout;
};

/** How tasks of a revision behave; times in milliseconds from the start. */
export type Behaviour = { readyAfterMs: number; failsAfterMs?: number; cannotBePulled?: boolean };

export type SimulatedEngine = {
  obey(document: DesiredDocument): void;
  reports(): TaskReport[];
  /** What runs now. */
  running(): Container[];
  /** The power is cut: nothing runs any more, and what was there is known again at `boot`. */
  cut(): void;
  boot(): void;
};

const STOPS_AFTER_MS = 15;

/**
 * Stands in for engine and reconciler where neither matters: containers are rows of a map that get ready, fail and
 * stop as they are told, and whose life is reported as an agent does.
 */
export const simulateEngine = (
  behaviourOf: (task: AssignedTask) => Behaviour,
  onReport: (report: TaskReport) => void,
): SimulatedEngine => {
  const containers = new Map<string, Container>();
  let powered = true;

  const reasonOf = (task: AssignedTask, state: TaskState): string => {
    if (state === 'preparing' && behaviourOf(task).cannotBePulled) return 'its image cannot be pulled';
    return state === 'failed' ? 'it ended by itself with exit code 1' : '';
  };
  const reportOf = ({ task, state, ready, attempt }: Container): TaskReport => ({
    taskId: task.taskId,
    state,
    ready,
    at: new Date().toISOString(),
    attempt,
    imageReady: state !== 'preparing' || !behaviourOf(task).cannotBePulled,
    reason: reasonOf(task, state),
    ...(state === 'running' && { containerId: `c-${task.taskId}-${attempt}` }),
  });
  const turn = (container: Container, state: TaskState, ready = false): void => {
    Object.assign(container, { state, ready });
    if (powered) onReport(reportOf(container));
  };
  const after = (container: Container, ms: number, then: () => void): void => {
    clearTimeout(container.timer);
    container.timer = setTimeout(() => powered && then(), ms);
  };
  const start = (container: Container): void => {
    const { readyAfterMs, failsAfterMs } = behaviourOf(container.task);
    container.attempt += 1;
    turn(container, 'running');
    const fail = (): void => turn(container, 'failed');
    after(container, readyAfterMs, () => {
      turn(container, 'running', true);
      if (failsAfterMs !== undefined) after(container, failsAfterMs - readyAfterMs, fail);
    });
    if (failsAfterMs !== undefined && failsAfterMs < readyAfterMs) after(container, failsAfterMs, fail);
  };
  const stop = (container: Container, forget: boolean): void => {
    const { taskId } = container.task;
    if (isFinal(container.state)) {
      if (forget) containers.delete(taskId);
      return;
    }
    if (container.state !== 'stopping') turn(container, 'stopping');
    after(container, STOPS_AFTER_MS, () => {
      turn(container, 'stopped');
      if (forget) containers.delete(taskId);
    });
  };
  const drive = (task: AssignedTask): void => {
    const known = containers.get(task.taskId);
    const container = known ?? { task, state: 'accepted', ready: false, attempt: 0 };
    container.task = task;
    containers.set(task.taskId, container);
    if (task.desired === 'stopped') stop(container, false);
    else if (!known) turn(container, 'preparing');
    const mayStart = task.desired === 'running' && !task.hold && !behaviourOf(task).cannotBePulled;
    if (mayStart && container.state === 'preparing') start(container);
  };

  return {
    obey: (document) => {
      const named = new Set(document.tasks.map(({ taskId }) => taskId));
      for (const [taskId, container] of containers) if (!named.has(taskId)) stop(container, true);
      for (const task of document.tasks) drive(task);
    },
    reports: () => [...containers.values()].map(reportOf),
    running: () =>
      powered
        ? [...containers.values()].filter(({ state }) => state === 'running' || state === 'stopping')
        : [],
    cut: () => {
      powered = false;
      for (const container of containers.values()) clearTimeout(container.timer);
    },
    boot: () => {
      powered = true;
      for (const container of containers.values()) if (container.state === 'running') start(container);
    },
  };
};
