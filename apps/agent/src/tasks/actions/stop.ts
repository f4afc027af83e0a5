import { statusOf, timed } from '../../engine/call.ts';
import { LABEL } from '../../engine/seen.ts';
import { removeTaskFiles } from '../../engine/task-files.ts';
import type { TaskContext } from '../context.ts';
import type { AttemptRecord, TaskRecord } from '../record.ts';

const MOST_GRACE_MS = 3_600_000;

const isGone = (error: unknown): boolean => statusOf(error) === 404;

/** Signal, grace and kill are the engine's, as the container was created with them. */
export const stop = async (
  context: TaskContext,
  record: TaskRecord,
  attempt: AttemptRecord,
  by: NonNullable<AttemptRecord['stopAsked']>,
): Promise<void> => {
  attempt.stopAsked = by;
  // Stopping may take long; who counts failures need not wait for the end to know why.
  if (by === 'health-check') record.reason = 'its health check failed';
  context.publish(record);
  const id = attempt.containerId ?? '';
  const container = context.engine().docker.getContainer(id);
  context.book.saveSoon();
  if (context.containers.get(id)?.state === 'paused') await container.unpause().catch(() => undefined);
  await timed(
    context.record,
    { what: `stop ${attempt.name}`, taskId: record.taskId, timeoutMs: MOST_GRACE_MS },
    (abortSignal) => container.stop({ abortSignal }),
  ).catch((error) => {
    if (!isGone(error) && statusOf(error) !== 304) throw error;
  });
  const seen = context.containers.get(id);
  if (seen) context.containers.set(id, { ...seen, state: 'exited' });
};

/** Removes a container of the task that is no longer of use, e.g. of an attempt whose end is on record. */
export const discard = async (
  context: TaskContext,
  record: TaskRecord,
  containerId: string,
): Promise<void> => {
  // After a crash its end is read from it once more, unless it is on disk: with the server's exits, and in the record.
  await context.book.save();
  await timed(context.record, { what: 'remove container', taskId: record.taskId }, (abortSignal) =>
    context.engine().docker.getContainer(containerId).remove({ force: true, v: true, abortSignal }),
  ).catch((error) => {
    // 409: the engine is removing it already.
    if (!isGone(error) && statusOf(error) !== 409) throw error;
  });
  context.containers.delete(containerId);
};

/** Nothing of the task stays but what the server has: files, anonymous volumes and the record go. */
export const forget = async (context: TaskContext, record: TaskRecord): Promise<void> => {
  await removeTaskFiles(record.taskId);
  const { docker } = context.engine();
  const { Volumes } = await docker.listVolumes({
    filters: JSON.stringify({ label: [`${LABEL.task}=${record.taskId}`] }),
  } as unknown as Parameters<typeof docker.listVolumes>[0]);
  for (const volume of Volumes ?? [])
    await docker
      .getVolume(volume.Name)
      .remove()
      .catch(() => undefined);
  context.book.records.delete(record.taskId);
  context.book.saveSoon();
};
