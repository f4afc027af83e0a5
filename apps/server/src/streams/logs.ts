import { bulkCost, type LogLine } from '@portreeve/agent-protocol';
import type { StreamLine, StreamRequest } from '@portreeve/contract';
import type { Watcher } from '../live/watch.ts';
import type { BrowserEnd } from './browser-end.ts';
import type { AgentStream } from './bulk-door.ts';
import { type DialDeps, dialAgents } from './dial.ts';
import { createLogMerge } from './merge.ts';
import type { OpenStream } from './open-stream.ts';
import { endStreams, type StreamTask, tasksOfService } from './streams.store.ts';

export type LogsRequest = Extract<StreamRequest, { kind: 'logs' }>;

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
  const merge = createLogMerge();
  const tasks = new Map<string, StreamTask>();
  const agents = new Map<string, AgentStream>();
  const ids: string[] = [];
  const deadline = new Date(Date.now() + LIFETIME_MS);
  let over = false;
  let looking: NodeJS.Timeout | undefined;

  const say = (task: StreamTask, text: string): void => {
    const line: LogLine = { at: new Date().toISOString(), stream: 'life', taskId: task.id, attempt: 0, text };
    merge.push(task.id, [line], Date.now());
    merge.end(task.id);
  };

  const add = async (found: readonly StreamTask[], tail: number | undefined): Promise<void> => {
    const fresh = found.filter(({ id }) => !tasks.has(id));
    for (const task of fresh) {
      tasks.set(task.id, task);
      merge.add(task.id, Date.now());
    }
    const placed = fresh.flatMap((task) => (task.nodeId === null ? [] : [{ task, nodeId: task.nodeId }]));
    for (const task of fresh) if (task.nodeId === null) merge.end(task.id);
    const wanted = placed.map(({ task, nodeId }) => ({
      taskId: task.id,
      nodeId,
      open: {
        kind: 'logs' as const,
        taskId: task.id,
        follow: request.follow && !task.final,
        ...(tail !== undefined && { tail }),
        ...(request.since && { since: request.since }),
        ...(request.until && { until: request.until }),
      },
      handlers: {
        onOpen: (stream: AgentStream) => {
          if (over) return stream.close();
          agents.set(task.id, stream);
        },
        onData: ({ lines = [] }: { lines?: LogLine[] | undefined }) => merge.push(task.id, lines, Date.now()),
        onEnd: () => merge.end(task.id),
      },
    }));
    if (wanted.length === 0) return;
    const dialled = await dialAgents(deps, wanted, { watcher, permission: 'service.logs', deadline });
    ids.push(...dialled.ids);
    for (const [i, asked] of dialled.asked.entries()) {
      const { task } = placed[i] as (typeof placed)[number];
      asked.catch((error: Error) =>
        say(task, `The log on ${task.nodeName} cannot be read now: ${error.message}`),
      );
    }
  };

  const end = (reason: string): void => {
    if (over) return;
    over = true;
    clearInterval(tick);
    clearTimeout(looking);
    for (const agent of agents.values()) agent.close();
    for (const id of ids) deps.door.forget(id);
    page.end(reason);
    deps.onClosed();
    endStreams(deps.database.prisma, ids, reason).catch(() => undefined);
  };

  const flush = (): void => {
    const taken = merge.take(Date.now(), LINES_PER_MESSAGE);
    if (taken.length === 0) return;
    const costs = new Map<string, number>();
    for (const { source, line } of taken)
      costs.set(source, (costs.get(source) ?? 0) + bulkCost({ lines: [line] }));
    const lines = taken.flatMap(({ source, line }) => {
      const task = tasks.get(source);
      return task ? [shown(task, line)] : [];
    });
    const cost = [...costs.values()].reduce((sum, one) => sum + one, 0);
    page.lines(lines, cost, () => {
      for (const [source, bytes] of costs) agents.get(source)?.grant(bytes);
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
    const found = await tasksOfService(deps.database.prisma, request.serviceId, new Date());
    // A task that has come since begins with its first line.
    await add(found, undefined);
  };

  add(first, request.tail).catch((error: Error) => end(error.message));
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
