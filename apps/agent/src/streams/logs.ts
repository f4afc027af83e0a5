import { setTimeout as pause } from 'node:timers/promises';
import type { LogLine, StreamOpen } from '@portreeve/agent-protocol';
import { isFinal } from '@portreeve/domain';
import { statusOf } from '../engine/call.ts';
import type { Engine } from '../engine/engine.ts';
import type { ExitLogs } from '../reports/exit-logs.ts';
import type { AttemptRecord, TaskRecord } from '../tasks/record.ts';
import type { BulkChannel } from './bulk.ts';
import { after, engineLines, type Read, seconds } from './engine-log.ts';
import { isoOf, type RawLine } from './log-lines.ts';

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
const ENGINE_AGAIN_MS = 500;

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

/** The same whenever it is read, as all lines are: who was cut off asks again and knows what it has had. */
const startLine = (taskId: string, { attempt, launchedAt }: AttemptRecord): LogLine[] =>
  attempt > 1
    ? [life(taskId, attempt, new Date(launchedAt).toISOString(), `attempt ${attempt} started`)]
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

/** Lines of attempts that are over, from what this host keeps of them, and that the live one has started. */
const history = async (
  source: LogSource,
  open: LogsOpen,
  live: AttemptRecord | undefined,
): Promise<LogLine[]> => {
  const record = source.record(open.taskId);
  const numbers = record
    ? record.attempts.filter((attempt) => attempt.exit).map((attempt) => attempt.attempt)
    : await source.exitLogs.attempts(open.taskId);
  const lines: LogLine[] = [];
  for (const number of numbers) {
    if (open.attempt !== undefined && open.attempt !== number) continue;
    const attempt = record?.attempts.find((one) => one.attempt === number);
    const kept = (await source.exitLogs.read(open.taskId, number)) ?? [];
    if (attempt) lines.push(...startLine(open.taskId, attempt));
    lines.push(...kept.map((line) => shown(open.taskId, number, line)));
    if (attempt) lines.push(...endLine(open.taskId, attempt));
  }
  if (live) lines.push(...startLine(open.taskId, live));
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

/** Whether the container runs on though its log has ended: the engine went, and came back under live-restore. */
const runsOn = async (
  source: LogSource,
  open: LogsOpen,
  attempt: AttemptRecord,
  signal: AbortSignal,
): Promise<boolean> => {
  for (let looks = 0; ; looks += 1) {
    if (signal.aborted || attempt.exit || !source.record(open.taskId)) return false;
    const state = await stateOf(source, attempt.containerId as string);
    if (state === 'ended') return false;
    // An engine that is just going still answers.
    if (state === 'running' && looks > 0) return true;
    await pause(ENGINE_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
};

const stateOf = async (source: LogSource, containerId: string): Promise<'running' | 'ended' | 'unknown'> => {
  try {
    const { State } = await source.engine().docker.getContainer(containerId).inspect();
    return State.Running ? 'running' : 'ended';
  } catch (error) {
    return statusOf(error) === 404 ? 'ended' : 'unknown';
  }
};

/** Streams one attempt's container until it ends; over a restart of the engine too, when it is followed. */
const streamAttempt = async (
  source: LogSource,
  open: LogsOpen,
  attempt: AttemptRecord,
  from: string | undefined,
  channel: BulkChannel,
): Promise<void> => {
  const { follow, taskId } = open;
  const read: Read = { follow, since: from, until: seconds(open.until) };
  do {
    try {
      for await (const lines of engineLines(
        source.engine(),
        attempt.containerId as string,
        read,
        channel.closed,
      )) {
        await send(
          channel,
          lines.map((line) => shown(taskId, attempt.attempt, line)),
        );
        const last = lines.at(-1);
        if (last) read.since = after(last.at);
      }
    } catch (error) {
      // Removed meanwhile: what it said is in the kept logs.
      if (statusOf(error) === 404) return;
      if (!follow || channel.closed.aborted || statusOf(error) !== undefined) throw error;
    }
  } while (follow && !open.until && (await runsOn(source, open, attempt, channel.closed)));
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
  const older = recent.length < tail ? await history(source, open, live) : [];
  await send(channel, tail === 0 ? [] : [...older, ...recent].slice(-tail));
  return last;
};

/** A task's log, all attempts in their order with a line of its life between them; followed from one attempt into the next. */
export const streamLogs = async (source: LogSource, open: LogsOpen, channel: BulkChannel): Promise<void> => {
  let live = liveAttempt(source, open, 0);
  if (live?.exit) live = undefined;
  let since = seconds(open.since);
  if (open.tail === undefined) await send(channel, await history(source, open, live));
  else {
    const last = await sendTail(source, open, live, channel);
    since = last ? after(last) : open.tail === 0 ? seconds(new Date().toISOString()) : since;
  }
  let past = source.record(open.taskId)?.attempts.findLast((attempt) => attempt.exit)?.attempt ?? 0;
  if (!live && open.follow) {
    live = await nextAttempt(source, open, past, channel.closed);
    if (live) await send(channel, startLine(open.taskId, live));
  }
  while (live && !channel.closed.aborted && (open.follow || open.tail === undefined)) {
    await streamAttempt(source, open, live, since, channel);
    since = undefined;
    if (!open.follow) break;
    const ended = await settled(source, open.taskId, live.attempt, channel.closed);
    if (ended) await send(channel, endLine(open.taskId, ended));
    past = live.attempt;
    live = await nextAttempt(source, open, past, channel.closed);
    if (live) await send(channel, startLine(open.taskId, live));
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
