import {
  AgentEvent,
  type AgentFigures,
  type Report,
  ReportAnswer,
  type TaskReport,
} from '@portreeve/agent-protocol';
import { ExitRecord } from '@portreeve/domain';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { Greeting } from '../link/session.ts';
import { log } from '../log.ts';
import { soon } from '../periodic.ts';
import { coalesce } from '../state/coalesce.ts';
import type { Store } from '../state/store.ts';

const FILE = 'outbox';
const MAX_EVENTS = 2_000;
const MAX_EXITS = 2_000;
const COALESCE_MS = 8;
/** Reports go this far apart: the first of a burst at once, and then what came meanwhile together. */
const APART_MS = 100;
/** Lines of the timeline are in no hurry: many go together. */
const EVENTS_MS = 250;
const RETRY_MS = 1_000;
const SAVE_AGAIN_MS = 2_000;
/** A report stays far below what a connection carries in one message, whatever its logs hold. */
const PER_REPORT = 200;
const BYTES_PER_REPORT = 512 * 1024;
/** Numbers are reserved on disk by blocks: a crash skips some and never gives one twice (SPEC.md, R1). */
const BLOCK = 10_000;

const Saved = z.object({
  reserved: z.number().int(),
  exits: z.array(z.object({ taskId: z.uuid(), record: ExitRecord })),
  events: z.array(AgentEvent),
});

export type Send = (report: Report) => Promise<unknown>;

/** What the server has still to be told. Bounded: the oldest events go first, the newest state of a task is enough. */
export type Outbox = {
  task(report: TaskReport): void;
  exit(taskId: string, record: ExitRecord): void;
  /** Resolves when no exit waits for the disk any more, be it that the disk took none. */
  exitsWritten(): Promise<void>;
  event(event: AgentEvent): void;
  /** Tells of all tasks first, with what `all` says then (SPEC.md, R2); in parts where the server takes it so (R4). */
  open(send: Send, all: () => TaskReport[], greeting: Pick<Greeting, 'reportsInParts'>): void;
  close(): void;
  /** What is left to be told. */
  left(): AgentFigures['outbox'];
};

/** How many of the oldest go together; one at least, whatever its size. */
const fitting = (items: readonly unknown[], most = PER_REPORT): number => {
  let bytes = 0;
  const next = items.slice(0, most).findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return index > 0 && bytes > BYTES_PER_REPORT;
  });
  return next === -1 ? Math.min(items.length, most) : next;
};

/** A connection that has still to hear of every task; `begun` when what there is to tell has been gathered. */
type Opening = { all(): TaskReport[]; inParts: boolean; begun: boolean };
/** With `ending`, the report that makes an opening complete. */
type Batch = { tasks: TaskReport[]; ending: Opening | undefined; exits: number; events: number };

export const openOutbox = async (store: Store): Promise<Outbox> => {
  const bytes = await store.read(FILE);
  const saved = bytes ? Saved.safeParse(JSON.parse(bytes.toString('utf8'))).data : undefined;
  let sequence = saved?.reserved ?? 0;
  let reserved = sequence + BLOCK;
  const exits = saved?.exits ?? [];
  const events = saved?.events ?? [];
  const tasks = new Map<string, TaskReport>();
  let send: Send | undefined;
  let opening: Opening | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sending = false;
  let written: Promise<void> = Promise.resolve();
  let dueAt = 0;
  let notBefore = 0;

  const save = coalesce(() => store.write(FILE, JSON.stringify({ reserved, exits, events })));
  const saveSoon = soon(1_000, 'the outbox was not saved', save, SAVE_AGAIN_MS);

  const nextBatch = (): Batch | undefined => {
    if (opening && !opening.begun) {
      opening.begun = true;
      for (const report of opening.all()) tasks.set(report.taskId, report);
    }
    if (!opening && tasks.size === 0 && exits.length === 0 && events.length === 0) return undefined;
    const waiting = [...tasks.values()];
    const isWhole = opening !== undefined && !opening.inParts;
    const told = waiting.slice(0, isWhole ? waiting.length : fitting(waiting, waiting.length));
    for (const { taskId } of told) tasks.delete(taskId);
    const ending = tasks.size === 0 ? opening : undefined;
    if (ending) opening = undefined;
    return { tasks: told, ending, exits: fitting(exits), events: fitting(events) };
  };

  /** The tasks that a complete report need not repeat. */
  const toldBefore = ({ tasks: named, ending }: Batch): string[] => {
    const ids = new Set(named.map(({ taskId }) => taskId));
    return (ending?.all() ?? []).flatMap(({ taskId }) => (ids.has(taskId) ? [] : taskId));
  };

  const putBack = (batch: Batch): void => {
    for (const report of batch.tasks) if (!tasks.has(report.taskId)) tasks.set(report.taskId, report);
  };

  const number = async (): Promise<number> => {
    sequence += 1;
    if (sequence < reserved) return sequence;
    reserved = sequence + BLOCK;
    await save();
    return sequence;
  };

  const deliver = async (batch: Batch, through: Send): Promise<number> => {
    const told = batch.ending?.inParts ? toldBefore(batch) : [];
    const report: Report = {
      sequence: await number(),
      complete: batch.ending !== undefined,
      ...(told.length > 0 && { told }),
      tasks: batch.tasks,
      exits: exits.slice(0, batch.exits),
      events: events.slice(0, batch.events),
    };
    const answer = ReportAnswer.parse(await through(report));
    if (!answer.stored) return answer.retryAfterMs ?? RETRY_MS;
    exits.splice(0, batch.exits);
    events.splice(0, batch.events);
    if (batch.exits + batch.events > 0) saveSoon();
    return 0;
  };

  const flush = async (): Promise<void> => {
    timer = undefined;
    const through = send;
    const batch = through && !sending ? nextBatch() : undefined;
    if (!through || !batch) return;
    sending = true;
    const began = performance.now();
    const wait = await deliver(batch, through).catch((error: unknown) => {
      log.debug({ error: messageOf(error) }, 'a report was not taken');
      return RETRY_MS;
    });
    sending = false;
    if (wait > 0) {
      putBack(batch);
      // Still to be completed, with what has changed since laid over it.
      if (send === through) opening ??= batch.ending;
    }
    notBefore = Math.max(began + APART_MS, performance.now() + wait);
    flushSoon(0);
  };

  const flushSoon = (ms: number): void => {
    // Not by the clock of the host: set back by an hour, it would have nothing told for so long.
    const at = Math.max(performance.now() + ms, notBefore);
    if (timer && at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(flush, Math.max(0, at - performance.now()));
  };

  await save().catch((error: unknown) => {
    log.warn({ error: messageOf(error) }, 'the outbox was not saved');
    // A disk that is full reserves no numbers: those of the clock are above any that was ever given.
    sequence = Math.max(sequence, Date.now());
    reserved = sequence + BLOCK;
  });
  return {
    task: (report) => {
      tasks.set(report.taskId, report);
      flushSoon(COALESCE_MS);
    },
    exit: (taskId, record) => {
      exits.push({ taskId, record });
      if (exits.length > MAX_EXITS) exits.shift();
      flushSoon(COALESCE_MS);
      written = save().catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, 'the end of an attempt was not saved');
        saveSoon();
      });
    },
    exitsWritten: () => written,
    event: (event) => {
      events.push(event);
      if (events.length > MAX_EVENTS) events.shift();
      saveSoon();
      flushSoon(EVENTS_MS);
    },
    open: (through, all, { reportsInParts: inParts = false }) => {
      send = through;
      opening = { all, inParts, begun: false };
      tasks.clear();
      flushSoon(COALESCE_MS);
    },
    close: () => {
      send = undefined;
    },
    left: () => ({ tasks: tasks.size, exits: exits.length, events: events.length }),
  };
};
