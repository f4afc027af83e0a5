import type { AssignedTask } from '@portreeve/agent-protocol';
import type { ImageInspectInfo } from 'dockerode';
import { engineMessage, statusOf, timed } from '../../engine/call.ts';
import { imageReference } from '../../engine/create-options.ts';
import { authFor } from '../../engine/registry.ts';
import { steadyNow } from '../../steady.ts';
import type { TaskContext, Work } from '../context.ts';
import type { sharedPulls } from '../pulls.ts';
import { LAST_PULL_WAIT_MS, type TaskRecord } from '../record.ts';

const FIRST_WAIT_MS = 500;
const PROGRESS_MS = 500;

const look = async (context: TaskContext, reference: string): Promise<ImageInspectInfo | undefined> => {
  try {
    return await timed(context.record, { what: 'inspect image', quiet: true }, () =>
      context.engine().docker.getImage(reference).inspect(),
    );
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
};

const looks = new Map<string, Promise<ImageInspectInfo | undefined>>();

/** Thirty tasks of one image ask the engine once. */
const present = (context: TaskContext, reference: string): Promise<ImageInspectInfo | undefined> => {
  const under = looks.get(reference);
  if (under) return under;
  const begun = look(context, reference).finally(() => looks.delete(reference));
  looks.set(reference, begun);
  return begun;
};

const take = (record: TaskRecord, image: ImageInspectInfo): void => {
  const test = (image.Config as { Healthcheck?: { Test?: string[] } } | undefined)?.Healthcheck?.Test;
  record.imageHealthcheck = test !== undefined && test.length > 0 && test[0] !== 'NONE';
  record.imageReady = true;
  record.pullAgainAt = undefined;
  record.reason = '';
};

const fail = (record: TaskRecord, reason: string, forGood: boolean): void => {
  record.pullFailures = forGood ? Number.MAX_SAFE_INTEGER : record.pullFailures + 1;
  record.reason = reason;
  record.pullAgainAt =
    steadyNow() + Math.min(LAST_PULL_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(record.pullFailures - 1, 10));
};

const bring = async (
  context: TaskContext,
  pulls: ReturnType<typeof sharedPulls>,
  work: Work,
  task: AssignedTask,
): Promise<void> => {
  const reference = imageReference(task.pin);
  const registry = task.pin.kind === 'digest' ? task.pin.registry : '';
  let toldAt = 0;
  await timed(
    context.record,
    { what: `pull ${reference}`, taskId: task.taskId, timeoutMs: 24 * 3_600_000 },
    () =>
      pulls({
        reference,
        platform: task.spec.platform,
        auth: authFor(context.doc().registries, registry, task.names.project),
        signal: work.signal,
        onProgress: (pull) => {
          if (steadyNow() - toldAt < PROGRESS_MS) return;
          toldAt = steadyNow();
          // What comes now says more than why it did not come before.
          work.record.reason = '';
          context.publish(work.record, { pull });
        },
      }),
  );
};

/** Sees to it that the exact image is there. A failure is kept with its reason and tried again later. */
export const pull = async (
  context: TaskContext,
  pulls: ReturnType<typeof sharedPulls>,
  work: Work,
  task: AssignedTask,
): Promise<void> => {
  const { record } = work;
  if (record.state === 'accepted') record.state = 'preparing';
  context.publish(record);
  const reference = imageReference(task.pin);
  const image = await present(context, reference);
  if (image && task.spec.pullPolicy !== 'always') return take(record, image);
  if (task.pin.kind === 'local')
    return image
      ? take(record, image)
      : fail(record, `the image ${task.pin.reference} is not on this host, where alone it existed`, true);
  if (task.spec.pullPolicy === 'never')
    return fail(record, `the image is not on this host, and pull_policy is "never"`, true);
  try {
    await bring(context, pulls, work, task);
    const pulled = await present(context, reference);
    if (pulled) {
      context.noteImage(reference);
      return take(record, pulled);
    }
    fail(record, `the engine pulled ${reference} and does not have it`, false);
  } catch (error) {
    if (work.signal.aborted) return;
    // A registry that is away does not stop what the host has by its digest.
    if (image) return take(record, image);
    fail(record, `${reference} cannot be pulled: ${engineMessage(error)}`, false);
  }
};
