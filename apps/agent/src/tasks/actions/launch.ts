import type { AssignedTask } from '@portreeve/agent-protocol';
import { engineMessage, isOrphaned, statusOf, timed } from '../../engine/call.ts';
import { createOptions } from '../../engine/create-options.ts';
import { LABEL } from '../../engine/seen.ts';
import { writeTaskFiles } from '../../engine/task-files.ts';
import { unlessFull } from '../../errors.ts';
import { steadyNow } from '../../steady.ts';
import type { TaskContext } from '../context.ts';
import { type AttemptRecord, KEPT_ATTEMPTS, type TaskRecord } from '../record.ts';
import { ensureHostPaths, ensureVolumes, requireSameSources, withRealSources } from './launch-mounts.ts';
import { stopReplaced } from './replace.ts';
import { recordFailedStart } from './settle.ts';
import { discard } from './stop.ts';

const nameOf = (task: AssignedTask, attempt: number): string =>
  attempt === 1 ? task.containerName : `${task.containerName}.${attempt}`;

/** Writes the intention down before the engine is asked: after a crash the container is found again by it. */
const intend = (record: TaskRecord, task: AssignedTask, attempt: number): AttemptRecord => {
  const present = record.attempts.find((one) => one.attempt === attempt);
  if (present) return present;
  const made: AttemptRecord = { attempt, name: nameOf(task, attempt), launchedAt: Date.now() };
  record.attempts = [...record.attempts, made].slice(-KEPT_ATTEMPTS);
  return made;
};

/** The container of that name, when it is this very attempt: made by us just before a crash or a lost answer. */
const ownByName = async (
  context: TaskContext,
  task: AssignedTask,
  attempt: AttemptRecord,
): Promise<string> => {
  const found = await context.engine().docker.getContainer(attempt.name).inspect();
  const labels = found.Config.Labels ?? {};
  const ours =
    labels[LABEL.task] === task.taskId &&
    labels[LABEL.node] === context.node.nodeId &&
    labels[LABEL.attempt] === String(attempt.attempt);
  if (!ours) throw new Error(`another container of this host is named ${attempt.name}: rename or remove it`);
  return found.Id;
};

const create = async (
  context: TaskContext,
  assigned: AssignedTask,
  attempt: AttemptRecord,
): Promise<string> => {
  const engine = context.engine();
  const task = await withRealSources(context, assigned);
  const [files] = await Promise.all([
    writeTaskFiles(task),
    ensureVolumes(context, task),
    ensureHostPaths(task),
    context.networksReady(),
  ]);
  const manyNetworks = engine.speaks('1.44');
  const attachment = context.networks.attachment(task, context.doc().networks);
  const options = createOptions(task, {
    node: context.node,
    attempt: attempt.attempt,
    containerName: attempt.name,
    attachment,
    files,
    manyNetworks,
  });
  const id = await timed(
    context.record,
    { what: `create ${attempt.name}`, taskId: task.taskId },
    (abortSignal) => engine.docker.createContainer({ ...options, abortSignal }),
  ).then(
    (container) => container.id,
    (error) => {
      if (statusOf(error) === 409) return ownByName(context, task, attempt);
      throw error;
    },
  );
  if (manyNetworks || task.spec.networkMode !== 'stack') return id;
  for (const { network, config } of attachment.endpoints.slice(1))
    await timed(context.record, { what: `connect ${attempt.name} to ${network}`, taskId: task.taskId }, () =>
      engine.docker.getNetwork(network).connect({ Container: id, EndpointConfig: config }),
    );
  return id;
};

export const startContainer = async (
  context: TaskContext,
  record: TaskRecord,
  task: AssignedTask,
  attempt: AttemptRecord,
): Promise<void> => {
  const id = attempt.containerId as string;
  const container = context.engine().docker.getContainer(id);
  await requireSameSources(context, container, task);
  await timed(context.record, { what: `start ${attempt.name}`, taskId: record.taskId }, (abortSignal) =>
    container.start({ abortSignal }),
  ).catch(async (error) => {
    if (statusOf(error) === 304) return;
    if (isOrphaned(error)) {
      // The same attempt gets another container.
      await discard(context, record, id);
      attempt.containerId = undefined;
    }
    throw error;
  });
  attempt.startedAt = steadyNow();
  const seen = context.containers.get(id);
  // The event may have told more already: a container can be over before its start is answered.
  if (seen?.state === 'created') context.containers.set(id, { ...seen, state: 'running' });
};

/** Makes and starts the container of an attempt. What the engine refuses ends the attempt, with its words. */
export const launch = async (
  context: TaskContext,
  record: TaskRecord,
  task: AssignedTask,
  attemptNumber: number,
): Promise<void> => {
  const attempt = intend(record, task, attemptNumber);
  if (record.state === 'accepted' || record.state === 'preparing') record.state = 'starting';
  context.publish(record);
  try {
    await stopReplaced(context, record, task);
    // Side by side: a container made before a crash that kept the intention from the disk is known by its name.
    const written = context.book.save();
    written.catch(() => undefined);
    if (attempt.containerId === undefined) {
      const id = await create(context, task, attempt);
      attempt.containerId = id;
      if (!context.containers.has(id))
        context.containers.set(id, {
          id,
          name: attempt.name,
          taskId: task.taskId,
          attempt: attemptNumber,
          state: 'created',
          health: 'none',
          killedOutside: false,
        });
    }
    // On a disk without room it is on its way there, and known by its name too until then.
    await written.catch(unlessFull);
    await startContainer(context, record, task, attempt);
    record.reason = '';
    context.book.saveSoon();
  } catch (error) {
    if (statusOf(error) === 404 && /no such image|image.*not (known|found)/i.test(engineMessage(error))) {
      record.imageReady = false;
      record.attempts = record.attempts.filter((one) => one !== attempt);
      return;
    }
    recordFailedStart(context, record, attempt, error);
  }
};
