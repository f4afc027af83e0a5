import type { AssignedTask } from '@portreeve/agent-protocol';
import { statusOf, timed } from '../../engine/call.ts';
import type { TaskContext } from '../context.ts';
import type { TaskRecord } from '../record.ts';

const gone = (error: unknown): void => {
  const status = statusOf(error);
  if (status !== 404 && status !== 304) throw error;
};

/** Stops the foreign container that this task replaces, and keeps it until the task is ready (SPEC.md, T9). */
export const stopReplaced = async (
  context: TaskContext,
  record: TaskRecord,
  task: AssignedTask,
): Promise<void> => {
  if (task.replacesContainer === undefined || record.replaced) return;
  const containerId = task.replacesContainer;
  record.replaced = { containerId, ended: false };
  await timed(
    context.record,
    { what: `stop replaced container ${containerId}`, taskId: task.taskId, timeoutMs: 120_000 },
    () => context.engine().docker.getContainer(containerId).stop(),
  ).catch(gone);
};

/** The task is ready: the old container goes, its volumes stay. Or it never was: the old one runs again. */
export const endReplaced = async (
  context: TaskContext,
  record: TaskRecord,
  restart: boolean,
): Promise<void> => {
  if (!record.replaced) return;
  const { containerId } = record.replaced;
  const container = context.engine().docker.getContainer(containerId);
  const what = `${restart ? 'start' : 'remove'} replaced container ${containerId}`;
  await timed(context.record, { what, taskId: record.taskId }, async () => {
    if (restart) await container.start();
    else await container.remove({ v: false });
  }).catch(gone);
  record.replaced.ended = true;
  context.book.saveSoon();
};
