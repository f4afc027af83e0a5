import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AssignedTask, DesiredDocument, TaskReport } from '@portreeve/agent-protocol';
import type { Outbox } from '../../apps/agent/src/reports/outbox.ts';

/** About what an engine takes for each step of a small container. */
const CREATE_MS = 120;
const START_MS = 200;
const STOP_MS = 300;

type FakeTask = { report: TaskReport; containerName: string; turn: Promise<void> };
type Tell = (task: FakeTask, change: Partial<TaskReport>) => void;

const isOver = ({ report }: FakeTask): boolean => ['stopping', 'stopped'].includes(report.state);

/** Each step takes its time and leaves its line in the timeline, as the real agent's calls do. */
const step = async (outbox: Outbox, task: FakeTask, what: string, ms: number): Promise<void> => {
  const at = new Date().toISOString();
  const durationMs = Math.round(ms * (0.5 + Math.random()));
  await pause(durationMs);
  const { taskId } = task.report;
  outbox.event({
    at,
    kind: 'engine-call',
    taskId,
    text: `${what} ${task.containerName}`,
    durationMs,
    ok: true,
  });
};

const launch = async (outbox: Outbox, tell: Tell, task: FakeTask): Promise<void> => {
  if (isOver(task) || task.report.state === 'running') return;
  tell(task, { state: 'starting', attempt: 1 });
  await step(outbox, task, 'create', CREATE_MS);
  await step(outbox, task, 'start', START_MS);
  if (isOver(task)) return;
  tell(task, { state: 'running', ready: true, containerId: randomBytes(32).toString('hex') });
};

const stop = async (outbox: Outbox, tell: Tell, task: FakeTask): Promise<void> => {
  const ran = task.report.attempt > 0;
  await step(outbox, task, 'stop', STOP_MS);
  if (ran)
    outbox.exit(task.report.taskId, {
      attempt: 1,
      containerId: task.report.containerId ?? '',
      endedAt: new Date().toISOString(),
      exitCode: 143,
      signal: 'SIGTERM',
      outOfMemory: false,
      endedBy: 'portreeve',
      reason: 'stopped by Portreeve',
      logTail: '',
    });
  tell(task, { state: 'stopped' });
};

/** An engine without containers: what a document asks for is said to happen, in the order and number of a real host's words. */
export const fakeEngine = (outbox: Outbox) => {
  const tasks = new Map<string, FakeTask>();
  const tell: Tell = (task, change) => {
    task.report = { ...task.report, ...change, at: new Date().toISOString() };
    outbox.task(task.report);
  };
  const inTurn = (task: FakeTask, work: () => Promise<void>): void => {
    task.turn = task.turn.then(work, work);
  };
  const accept = ({ taskId, containerName, hold }: AssignedTask): FakeTask => {
    const at = new Date().toISOString();
    const report: TaskReport = {
      taskId,
      state: hold ? 'preparing' : 'accepted',
      ready: false,
      at,
      attempt: 0,
      imageReady: true,
      reason: '',
    };
    const task = { report, containerName, turn: Promise.resolve() };
    tasks.set(taskId, task);
    outbox.task(report);
    return task;
  };
  const end = (task: FakeTask): void => {
    if (isOver(task)) return;
    tell(task, { state: 'stopping', ready: false });
    inTurn(task, () => stop(outbox, tell, task));
  };

  return {
    reports: (): TaskReport[] => [...tasks.values()].map(({ report }) => report),
    /** Does what the newest document says. */
    apply: (document: DesiredDocument): void => {
      const named = new Set(document.tasks.map(({ taskId }) => taskId));
      for (const [taskId, task] of tasks) {
        if (named.has(taskId)) continue;
        end(task);
        inTurn(task, async () => void tasks.delete(taskId));
      }
      for (const assigned of document.tasks) {
        const known = tasks.get(assigned.taskId);
        if (assigned.desired === 'stopped') {
          if (known) end(known);
          continue;
        }
        const task = known ?? accept(assigned);
        if (!assigned.hold) inTurn(task, () => launch(outbox, tell, task));
      }
    },
  };
};
