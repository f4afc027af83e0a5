import { bulkCost, type LogLine } from '@portreeve/agent-protocol';
import type { StreamLine } from '@portreeve/contract';
import type { Watcher } from '../live/watch.ts';
import type { BrowserEnd } from './browser-end.ts';
import { type DialDeps, dialAgents } from './dial.ts';
import { createLogSource, type LogSource, type LogsRequest } from './log-source.ts';
import { createLogMerge } from './merge.ts';
import type { OpenStream } from './open-stream.ts';
import { dropStreams, endStreams, type StreamTask, tasksNamed, tasksOfService } from './streams.store.ts';

const TICK_MS = 40;
const LINES_PER_MESSAGE = 500;
const LIFETIME_MS = 12 * 3_600_000;
/** A followed service gets new tasks; they are looked for this often at most. */
const LOOK_MS = 500;

type LogsDeps = DialDeps & { onClosed(): void };
export type OpenLogs = OpenStream & {
  /** Tasks may have come or gone. */
  tasksChanged(): void;
};

const shown = (task: StreamTask, line: LogLine): StreamLine => ({
  ...line,
  slot: task.slot,
  revision: task.revision,
});

/**
 * Logs of many tasks as one, merged by time. Credit goes back to an agent when the page has taken its lines, so a
 * slow page slows the agents down instead of filling this server's memory.
 */
export const openLogs = (
  deps: LogsDeps,
  request: LogsRequest,
  first: readonly StreamTask[],
  watcher: Watcher,
  page: BrowserEnd,
): OpenLogs => {
  const { prisma } = deps.database;
  const merge = createLogMerge();
  const sources = new Map<string, LogSource>();
  const deadline = new Date(Date.now() + LIFETIME_MS);
  const asker = { watcher, permission: 'service.logs' as const, deadline };
  const ids = new Set<string>();
  let over = false;
  let looking: NodeJS.Timeout | undefined;

  const dial = async (dialled: readonly LogSource[]): Promise<void> => {
    const wanted = dialled.flatMap((source) => source.wanted() ?? []);
    if (wanted.length === 0) return;
    const dialling = await dialAgents(deps, wanted, asker).catch((error: Error) => {
      for (const one of wanted) one.refused(error.message);
    });
    if (!dialling) return;
    for (const [i, one] of wanted.entries()) {
      const id = dialling.ids[i] as string;
      ids.add(id);
      dialling.asked[i]?.catch((error: Error) => {
        if (!one.refused(error.message)) return;
        ids.delete(id);
        dropStreams(prisma, [id]).catch(() => undefined);
      });
    }
  };
  /** What is known of the task may be old by now: it may have ended meanwhile. */
  const dialAgain = async (source: LogSource): Promise<void> => {
    const [task] = await deps.database.guard(() => tasksNamed(prisma, [source.task().id]));
    if (over || !task) return;
    source.known(task);
    await dial([source]);
  };

  const add = async (found: readonly StreamTask[], tail: number | undefined): Promise<void> => {
    // One that waits for a node is looked for again when it has one.
    const fresh = found
      .filter(({ id, nodeId }) => nodeId !== null && !sources.has(id))
      .map((task) => createLogSource({ request, task, tail, merge, dialAgain, isOver: () => over }));
    for (const source of fresh) sources.set(source.task().id, source);
    await dial(fresh);
  };

  const end = (reason: string): void => {
    if (over) return;
    over = true;
    clearInterval(tick);
    clearTimeout(looking);
    for (const source of sources.values()) source.close();
    for (const id of ids) deps.door.forget(id);
    page.end(reason);
    deps.onClosed();
    endStreams(prisma, [...ids], reason).catch(() => undefined);
  };

  const flush = (): void => {
    const taken = merge.take(Date.now(), LINES_PER_MESSAGE);
    if (taken.length === 0) return;
    const costs = new Map<string, number>();
    for (const { source, line } of taken)
      costs.set(source, (costs.get(source) ?? 0) + bulkCost({ lines: [line] }));
    const lines = taken.flatMap(({ source, line }) => {
      const task = sources.get(source)?.task();
      return task ? [shown(task, line)] : [];
    });
    const cost = [...costs.values()].reduce((sum, one) => sum + one, 0);
    page.lines(lines, cost, () => {
      for (const [source, bytes] of costs) sources.get(source)?.grant(bytes);
    });
  };
  const tick = setInterval(() => {
    while (!over && page.hasRoom() && merge.held() > 0) {
      const before = merge.held();
      flush();
      if (merge.held() === before) break;
    }
    if (Date.now() > deadline.getTime())
      return end('The log was followed for 12 hours; open it again to go on.');
    const waitsForMore = request.follow && request.serviceId !== undefined;
    if (!waitsForMore && merge.finished()) end('That is all there is.');
  }, TICK_MS);

  const look = async (): Promise<void> => {
    looking = undefined;
    if (over || !request.serviceId) return;
    const found = await tasksOfService(prisma, request.serviceId, new Date());
    // A task that has come since begins with its first line.
    await add(found, undefined);
  };

  void add(first, request.tail);
  return {
    consumed: page.consumed,
    input: () => undefined,
    resize: () => undefined,
    end,
    tasksChanged: () => {
      if (!request.follow || !request.serviceId || over) return;
      looking ??= setTimeout(() => look().catch(() => undefined), LOOK_MS);
    },
  };
};
