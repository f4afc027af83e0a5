import type { Report, TaskReport } from '@portreeve/agent-protocol';
import { isFinal, mayMove, type TaskState } from '@portreeve/domain';

/** A task's row as far as reports change it. */
export type StoredTask = {
  id: string;
  nodeId: string | null;
  serviceId: string;
  stackId: string;
  desired: string;
  state: TaskState;
  ready: boolean;
  imageReady: boolean;
  attempts: number;
  reason: string;
  restartAt: Date | null;
  containerId: string | null;
  networkIds: string[];
};

/** New values of a row; what does not change is repeated. */
export type TaskUpdate = {
  id: string;
  state: TaskState;
  moved: boolean;
  ready: boolean;
  readyChanged: boolean;
  imageReady: boolean;
  attempts: number;
  reason: string;
  restartAt: string | null;
  containerId: string | null;
};

export type ReportPlan = {
  updates: TaskUpdate[];
  /** Networks on which a task became ready, or is no longer. */
  readinessOn: string[];
  /** Tasks that no longer should be there and have not ended, be it that they are just stopping (SPEC.md, R3, T8). */
  unwanted: string[];
  /** Tasks of another node: a lie or a mix-up (SPEC.md, C1). */
  foreign: string[];
};

const KNOWN_TO_AGENT: ReadonlySet<TaskState> = new Set([
  'accepted',
  'preparing',
  'starting',
  'running',
  'stopping',
]);

const apply = (task: StoredTask, report: TaskReport): TaskUpdate | undefined => {
  if (isFinal(task.state)) return undefined;
  const moved = mayMove(task.state, report.state);
  // An older state under a newer one is a late word: nothing of it counts.
  if (!moved && report.state !== task.state) return undefined;
  const ready = report.ready && report.state === 'running';
  const update: TaskUpdate = {
    id: task.id,
    state: report.state,
    moved,
    ready,
    readyChanged: ready !== task.ready,
    imageReady: task.imageReady || report.imageReady,
    attempts: Math.max(task.attempts, report.attempt),
    reason: report.reason.slice(0, 2_000),
    restartAt: report.restartAt ?? null,
    containerId: report.containerId ?? task.containerId,
  };
  const same =
    !moved &&
    !update.readyChanged &&
    update.imageReady === task.imageReady &&
    update.attempts === task.attempts &&
    update.reason === task.reason &&
    update.restartAt === (task.restartAt?.toISOString() ?? null) &&
    update.containerId === task.containerId;
  return same ? undefined : update;
};

const gone = (task: StoredTask): TaskUpdate => ({
  id: task.id,
  state: task.desired === 'stopped' ? 'stopped' : 'failed',
  moved: true,
  ready: false,
  readyChanged: task.ready,
  imageReady: task.imageReady,
  attempts: task.attempts,
  reason:
    task.desired === 'stopped' ? '' : 'The host no longer knows this task: its agent came back without it.',
  restartAt: null,
  containerId: task.containerId,
});

/** Whoever says how a task ended, or what was done to it, speaks of it as much as who says its state. */
const tasksSpokenOf = ({ tasks, exits, events }: Report): string[] => [
  ...new Set([
    ...[...tasks, ...exits].map(({ taskId }) => taskId),
    ...events.flatMap(({ taskId }) => taskId ?? []),
  ]),
];

/**
 * What a report of a node changes: states only forward, nothing of a final task, and after a complete report what the
 * agent had and no longer names is gone (SPEC.md, T1, R2–R4). `stored` holds the reported tasks that exist and, for a
 * complete report, every task of the node that is not final.
 */
export const planReport = (nodeId: string, stored: readonly StoredTask[], report: Report): ReportPlan => {
  const rows = new Map(stored.map((task) => [task.id, task]));
  const named = new Set([...(report.told ?? []), ...report.tasks.map((task) => task.taskId)]);
  const mine = report.tasks.flatMap((task) => {
    const row = rows.get(task.taskId);
    return row?.nodeId === nodeId ? [{ row, task }] : [];
  });
  const missing = report.complete
    ? stored.filter((task) => task.nodeId === nodeId && !named.has(task.id) && KNOWN_TO_AGENT.has(task.state))
    : [];
  const updates = [...mine.flatMap(({ row, task }) => apply(row, task) ?? []), ...missing.map(gone)];
  return {
    updates,
    readinessOn: [
      ...new Set(updates.filter((u) => u.readyChanged).flatMap((u) => rows.get(u.id)?.networkIds ?? [])),
    ],
    unwanted: report.tasks.flatMap((task) => {
      const row = rows.get(task.taskId);
      return !isFinal(task.state) && (row === undefined || isFinal(row.state)) ? [task.taskId] : [];
    }),
    foreign: tasksSpokenOf(report).filter((id) => {
      const row = rows.get(id);
      return row !== undefined && row.nodeId !== nodeId;
    }),
  };
};
