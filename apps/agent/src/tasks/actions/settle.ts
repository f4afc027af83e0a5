import { constants } from 'node:os';
import { DomainError, type ExitRecord } from '@portreeve/domain';
import type { ContainerInspectInfo } from 'dockerode';
import { engineMessage, isLeaving, statusOf, timed } from '../../engine/call.ts';
import { messageOf } from '../../errors.ts';
import { log } from '../../log.ts';
import { newestLines, tailOf } from '../../reports/exit-logs.ts';
import { fromClock } from '../../steady.ts';
import type { RawLine } from '../../streams/log-lines.ts';
import type { TaskContext } from '../context.ts';
import { whoEnded, whyEnded } from '../exit-reason.ts';
import type { AttemptRecord, TaskRecord } from '../record.ts';

const LOG_LINES = 1_000;

const signalOf = (exitCode: number): string | undefined => {
  if (exitCode <= 128 || exitCode > 192) return undefined;
  return Object.entries(constants.signals).find(([, value]) => value === exitCode - 128)?.[0];
};

const started = (info: ContainerInspectInfo): string | undefined =>
  info.State.StartedAt && !info.State.StartedAt.startsWith('0001')
    ? new Date(info.State.StartedAt).toISOString()
    : undefined;

const finished = (info: ContainerInspectInfo): string =>
  info.State.FinishedAt && !info.State.FinishedAt.startsWith('0001')
    ? new Date(info.State.FinishedAt).toISOString()
    : new Date().toISOString();

const readLog = async (context: TaskContext, id: string, tty: boolean): Promise<RawLine[]> => {
  try {
    const bytes = await timed(context.record, { what: 'read log', quiet: true, timeoutMs: 10_000 }, () =>
      context
        .engine()
        .docker.getContainer(id)
        .logs({ stdout: true, stderr: true, timestamps: true, tail: LOG_LINES, follow: false }),
    );
    return newestLines(bytes, tty);
  } catch (error) {
    log.debug({ error: messageOf(error) }, 'no log of an ended container');
    return [];
  }
};

const inspect = async (context: TaskContext, id: string): Promise<ContainerInspectInfo | undefined> => {
  try {
    return await timed(context.record, { what: 'inspect', quiet: true }, (abortSignal) =>
      context.engine().docker.getContainer(id).inspect({ abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
};

/**
 * Keeps the end of an attempt: in the server's outbox first, then in the record, which waits for that. A crash in between
 * says it twice, never not at all; and what comes after the attempt waits for no disk.
 */
const keep = (context: TaskContext, record: TaskRecord, attempt: AttemptRecord, exit: ExitRecord): void => {
  const { logTail: _, healthOutput: __, ...brief } = exit;
  attempt.exit = brief;
  attempt.endedAt = fromClock(exit.endedAt);
  record.ready = false;
  record.reason = exit.reason;
  context.publish(record);
  context.outbox.exit(record.taskId, exit);
  context.book.saveSoon();
};

/**
 * The engine refused to make or start the attempt's container, or this host did: the attempt ends with their words.
 * Anything else is thrown again, since another try may help.
 */
export const recordFailedStart = (
  context: TaskContext,
  record: TaskRecord,
  attempt: AttemptRecord,
  error: unknown,
): void => {
  const byHost = error instanceof DomainError;
  if (!byHost && (statusOf(error) === undefined || isLeaving(error))) throw error;
  keep(context, record, attempt, {
    attempt: attempt.attempt,
    containerId: attempt.containerId ?? '',
    endedAt: new Date().toISOString(),
    outOfMemory: false,
    endedBy: 'engine',
    reason: byHost ? error.message : `the engine could not start it: ${engineMessage(error)}`,
    logTail: '',
  });
};

const withoutContainer = (attempt: AttemptRecord): ExitRecord => ({
  attempt: attempt.attempt,
  containerId: attempt.containerId ?? '',
  endedAt: new Date().toISOString(),
  outOfMemory: false,
  endedBy: attempt.stopAsked ?? (attempt.containerId ? 'outside' : 'portreeve'),
  reason: attempt.containerId
    ? 'its container was removed at the engine by somebody else'
    : 'it was stopped before it started',
  logTail: '',
});

/** Writes down how an attempt ended: from the engine's own words, with the last of its log. */
export const settle = async (
  context: TaskContext,
  record: TaskRecord,
  attempt: AttemptRecord,
): Promise<void> => {
  const id = attempt.containerId;
  const info = id === undefined ? undefined : await inspect(context, id);
  if (id === undefined || !info) return keep(context, record, attempt, withoutContainer(attempt));
  const startedAt = started(info);
  const lines = startedAt ? await readLog(context, id, info.Config.Tty) : [];
  // The engine says who killed it a moment after it says that it died; one that is gone by now somebody removed.
  const killedOutside = context.containers.get(id)?.killedOutside ?? true;
  const end = {
    exitCode: info.State.ExitCode,
    outOfMemory: info.State.OOMKilled,
    startedAt,
    endedAt: finished(info),
    signal: signalOf(info.State.ExitCode),
    error: info.State.Error,
  };
  const endedBy = whoEnded(end, {
    stopAsked: attempt.stopAsked,
    killedOutside,
    outage: context.outage(),
    bootedAt: context.bootedAt,
  });
  const { error: _, ...facts } = end;
  const healthOutput = info.State.Health?.Log?.at(-1)?.Output?.slice(-4_000);
  // Before the end is known: whoever follows the log reads these lines next.
  if (lines.length > 0)
    context.exitLogs
      .save(record.taskId, attempt.attempt, lines)
      .catch((error) => log.warn({ error: messageOf(error) }, 'the log of an attempt was not kept'));
  keep(context, record, attempt, {
    attempt: attempt.attempt,
    containerId: id,
    ...facts,
    endedBy,
    reason: whyEnded(end, endedBy),
    healthOutput: endedBy === 'health-check' ? healthOutput : undefined,
    logTail: tailOf(lines),
  });
};
