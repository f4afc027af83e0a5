import { setTimeout as pause } from 'node:timers/promises';
import type { LogLine, StreamOpen } from '@portreeve/agent-protocol';
import { isFinal } from '@portreeve/domain';
import { statusOf } from '../engine/call.ts';
import type { Engine } from '../engine/engine.ts';
import type { ExitLogs } from '../reports/exit-logs.ts';
import type { AttemptRecord, TaskRecord } from '../tasks/record.ts';
import type { BulkChannel } from './bulk.ts';
import { isoOf, lineReader, type RawLine } from './log-lines.ts';

export type LogSource = {
  engine(): Engine;
  record(taskId: string): TaskRecord | undefined;
  exitLogs: ExitLogs;
};

export type LogsOpen = Extract<StreamOpen, { kind: 'logs' }>;

const BATCH_LINES = 200;
const BATCH_CHARS = 32 * 1024;
const NEXT_ATTEMPT_MS = 100;
const MOST_TAIL = 20_000;

const shown = (taskId: string, attempt: number, line: RawLine): LogLine => ({
  at: isoOf(line.at),
  stream: line.stream,
  taskId,
  attempt,
  text: line.text,
});

const life = (taskId: string, attempt: number, at: string, text: string): LogLine => ({
  at,
  stream: 'life',
  taskId,
  attempt,
  text,
});

const endLine = (taskId: string, attempt: AttemptRecord): LogLine[] =>
  attempt.exit
    ? [
        life(
          taskId,
          attempt.attempt,
          attempt.exit.endedAt,
          `attempt ${attempt.attempt}: ${attempt.exit.reason}`,
        ),
      ]
    : [];

const within = (open: LogsOpen, line: { at: string }): boolean =>
  (open.since === undefined || line.at >= open.since) && (open.until === undefined || line.at <= open.until);

/** Sends lines in pieces that the credit can carry. */
const send = async (channel: BulkChannel, lines: readonly LogLine[]): Promise<void> => {
  let batch: LogLine[] = [];
  let chars = 0;
  for (const line of lines) {
    batch.push(line);
    chars += line.text.length;
    if (batch.length < BATCH_LINES && chars < BATCH_CHARS) continue;
    await channel.send({ lines: batch });
    batch = [];
    chars = 0;
  }
  if (batch.length > 0) await channel.send({ lines: batch });
};

type Read = {
  follow: boolean;
  tail?: number | undefined;
  since?: string | undefined;
  until?: string | undefined;
};

type LogStream = NodeJS.ReadableStream & { destroy(): void };

/** As a stream also where nothing is followed, which dockerode's own `logs` would gather in memory. */
const openLog = (
  engine: Engine,
  containerId: string,
  read: Read,
  abortSignal: AbortSignal,
): Promise<LogStream> =>
  new Promise((resolve, reject) => {
    const options = { ...read, tail: read.tail ?? 'all', stdout: true, stderr: true, timestamps: true };
    const call = {
      path: `/containers/${containerId}/logs?`,
      method: 'GET',
      isStream: true,
      abortSignal,
      options: JSON.parse(JSON.stringify(options)),
      statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    };
    engine.docker.modem.dial(call, (error: unknown, stream: unknown) =>
      error ? reject(error) : resolve(stream as LogStream),
    );
  });

/** Lines of a container as the engine has them, as they come; ends with the container, or when the reader leaves. */
async function* engineLines(
  engine: Engine,
  containerId: string,
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<RawLine[]> {
  const container = engine.docker.getContainer(containerId);
  const tty = (await container.inspect()).Config.Tty;
  const stream = await openLog(engine, containerId, read, signal);
  const leave = (): void => stream.destroy();
  signal.addEventListener('abort', leave, { once: true });
  let lines: RawLine[] = [];
  const reader = lineReader(tty, (line) => lines.push(line));
  const take = (): RawLine[] => {
    const taken = lines;
    lines = [];
    return taken;
  };
  try {
    for await (const chunk of stream) {
      reader.push(chunk as Buffer);
      if (lines.length > 0) yield take();
    }
    reader.end();
    if (lines.length > 0) yield take();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', leave);
    stream.destroy();
  }
}

/** Seconds with nanoseconds, just after a time of the engine's. */
const after = (engineTime: string): string => {
  const [, fraction = ''] = /\.(\d+)/.exec(engineTime) ?? [];
  const seconds = Math.floor(Date.parse(engineTime) / 1000);
  const nanos = BigInt(fraction.padEnd(9, '0').slice(0, 9)) + 1n;
  return nanos >= 1_000_000_000n
    ? `${seconds + 1}.000000000`
    : `${seconds}.${String(nanos).padStart(9, '0')}`;
};

const seconds = (iso: string | undefined): string | undefined =>
  iso === undefined ? undefined : (Date.parse(iso) / 1000).toFixed(3);

/** Lines of attempts that are over, from what this host keeps of them. */
const history = async (source: LogSource, open: LogsOpen): Promise<LogLine[]> => {
  const record = source.record(open.taskId);
  const numbers = record
    ? record.attempts.filter((attempt) => attempt.exit).map((attempt) => attempt.attempt)
    : await source.exitLogs.attempts(open.taskId);
  const lines: LogLine[] = [];
  for (const number of numbers) {
    if (open.attempt !== undefined && open.attempt !== number) continue;
    const kept = (await source.exitLogs.read(open.taskId, number)) ?? [];
    lines.push(...kept.map((line) => shown(open.taskId, number, line)));
    const attempt = record?.attempts.find((one) => one.attempt === number);
    if (attempt) lines.push(...endLine(open.taskId, attempt));
  }
  return lines.filter((line) => within(open, line));
};

const liveAttempt = (source: LogSource, open: LogsOpen, past: number): AttemptRecord | undefined => {
  const last = source.record(open.taskId)?.attempts.at(-1);
  if (!last || last.attempt <= past || last.containerId === undefined) return undefined;
  return open.attempt === undefined || open.attempt === last.attempt ? last : undefined;
};

/** The next attempt of a followed task; undefined when there will be none. */
const nextAttempt = async (
  source: LogSource,
  open: LogsOpen,
  past: number,
  signal: AbortSignal,
): Promise<AttemptRecord | undefined> => {
  while (!signal.aborted) {
    const record = source.record(open.taskId);
    const next = liveAttempt(source, open, past);
    if (next) return next;
    if (!record || isFinal(record.state) || open.attempt !== undefined) return undefined;
    await pause(NEXT_ATTEMPT_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
};

/** Streams one attempt's container; what it ended by, if it did. */
const streamAttempt = async (
  source: LogSource,
  open: LogsOpen,
  attempt: AttemptRecord,
  read: Read,
  channel: BulkChannel,
): Promise<void> => {
  const id = attempt.containerId as string;
  try {
    for await (const lines of engineLines(source.engine(), id, read, channel.closed))
      await send(
        channel,
        lines.map((line) => shown(open.taskId, attempt.attempt, line)),
      );
  } catch (error) {
    // Removed meanwhile: what it said is in the kept logs.
    if (statusOf(error) !== 404) throw error;
  }
};

/** With `tail`: the newest lines over all attempts; the engine's time of the last, to follow from. */
const sendTail = async (
  source: LogSource,
  open: LogsOpen,
  live: AttemptRecord | undefined,
  channel: BulkChannel,
): Promise<string | undefined> => {
  const tail = Math.min(open.tail ?? 0, MOST_TAIL);
  const recent: LogLine[] = [];
  let last: string | undefined;
  if (live) {
    const read = { follow: false, tail, since: seconds(open.since), until: seconds(open.until) };
    for await (const lines of engineLines(
      source.engine(),
      live.containerId as string,
      read,
      channel.closed,
    )) {
      recent.push(...lines.map((line) => shown(open.taskId, live.attempt, line)));
      last = lines.at(-1)?.at;
    }
  }
  const older = recent.length < tail ? await history(source, open) : [];
  await send(channel, tail === 0 ? [] : [...older, ...recent].slice(-tail));
  return last;
};

/** A task's log, all attempts in their order with a line of its life between them; followed from one attempt into the next. */
export const streamLogs = async (source: LogSource, open: LogsOpen, channel: BulkChannel): Promise<void> => {
  let live = liveAttempt(source, open, 0);
  if (live?.exit) live = undefined;
  let since = seconds(open.since);
  if (open.tail === undefined) await send(channel, await history(source, open));
  else {
    const last = await sendTail(source, open, live, channel);
    since = last ? after(last) : open.tail === 0 ? seconds(new Date().toISOString()) : since;
  }
  let past = source.record(open.taskId)?.attempts.findLast((attempt) => attempt.exit)?.attempt ?? 0;
  if (!live && open.follow) live = await nextAttempt(source, open, past, channel.closed);
  while (live && !channel.closed.aborted && (open.follow || open.tail === undefined)) {
    await streamAttempt(
      source,
      open,
      live,
      { follow: open.follow, since, until: seconds(open.until) },
      channel,
    );
    since = undefined;
    if (!open.follow) break;
    const ended = await settled(source, open.taskId, live.attempt, channel.closed);
    if (ended) await send(channel, endLine(open.taskId, ended));
    past = live.attempt;
    live = await nextAttempt(source, open, past, channel.closed);
    if (live) {
      const text = `attempt ${live.attempt} started`;
      await send(channel, [life(open.taskId, live.attempt, new Date().toISOString(), text)]);
    }
  }
  channel.end(open.follow ? 'the task has ended' : 'this is the end of the log');
};

/** The attempt once its exit is on record; the log stream ends a moment before. */
const settled = async (
  source: LogSource,
  taskId: string,
  attempt: number,
  signal: AbortSignal,
): Promise<AttemptRecord | undefined> => {
  while (!signal.aborted) {
    const record = source.record(taskId);
    const found = record?.attempts.find((one) => one.attempt === attempt);
    if (!record || !found || found.exit) return found;
    await pause(NEXT_ATTEMPT_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
};
