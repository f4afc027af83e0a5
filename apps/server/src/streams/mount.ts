import {
  STREAM_PERMISSIONS,
  StreamConsumed,
  StreamInput,
  StreamRequest,
  StreamResize,
} from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Socket } from 'socket.io';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { specOnHost } from '../admission/host-mounts.store.ts';
import { requirePrivileges } from '../admission/privileges.ts';
import type { AskAgent } from '../agents/requests.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { type BrowserSockets, watcherOf } from '../live/browser-sockets.ts';
import { onChanges } from '../live/on-changes.ts';
import { createContext, type RequestContext } from '../platform/http/context.ts';
import { toDomainError, toSocketRefusal } from '../platform/http/problem.ts';
import { auditRefusal } from '../platform/http/refusals.ts';
import type { Platform } from '../platform.ts';
import { createBrowserEnd } from './browser-end.ts';
import type { BulkDoor } from './bulk-door.ts';
import type { LogsRequest } from './log-source.ts';
import { type OpenLogs, openLogs } from './logs.ts';
import type { OpenStream } from './open-stream.ts';
import {
  projectOfService,
  type StreamTask,
  specOfTask,
  tasksNamed,
  tasksOfService,
} from './streams.store.ts';
import { openTerminal, type TerminalRequest } from './terminal.ts';
import { tidyStreams } from './tidy.ts';

const MOST_STREAMS = 20;
const TIDY_MS = 60_000;
const HOUR_MS = 3_600_000;
const Closing = z.object({ streamId: z.string() });

type PageStreams = {
  /** Asked for and not open yet: they count, so that many at once are no more than one after the other. */
  opening: number;
  streams: Map<string, OpenStream>;
  logs: Map<string, { serviceId: string; open: OpenLogs }>;
};

/** Logs and terminals of pages, on the namespace `/streams` (contract, streams.ts). */
export const mountStreams = (
  platform: Platform,
  sockets: BrowserSockets,
  door: BulkDoor,
  askAgent: AskAgent,
): void => {
  const { database, serverId, log } = platform;
  const deps = { database, door, askAgent, serverId, agentUrl: () => platform.self.agentUrl };
  const pages = new Set<PageStreams>();

  const logTasks = async (ctx: RequestContext, request: LogsRequest): Promise<StreamTask[]> => {
    if (request.serviceId) {
      const project = await projectOfService(database.prisma, request.serviceId);
      ctx.authorize(STREAM_PERMISSIONS.logs, project);
      const endedAfter = new Date(Date.now() - request.endedHours * HOUR_MS);
      return tasksOfService(database.prisma, request.serviceId, endedAfter);
    }
    const tasks = await tasksNamed(database.prisma, request.taskIds ?? []);
    if (tasks.length === 0) throw new DomainError('request.invalid', 'Say whose logs: a service or tasks.');
    for (const task of tasks) ctx.authorize(STREAM_PERMISSIONS.logs, task.projectPath);
    return tasks;
  };

  const auditTerminal = (
    ctx: RequestContext,
    task: StreamTask,
    streamId: string,
    action: string,
    detail: object,
  ) =>
    database.transaction((tx) =>
      recordAudit(tx, ctx, {
        action,
        object: { kind: 'task', id: task.id, name: `${task.serviceName}.${task.slot}` },
        projectPath: task.projectPath,
        detail: { stream: streamId, node: task.nodeName, ...detail },
      }),
    );

  const terminal = async (
    socket: Socket,
    page: PageStreams,
    streamId: string,
    request: TerminalRequest,
    ctx: RequestContext,
  ): Promise<OpenStream> => {
    const [task] = await tasksNamed(database.prisma, [request.taskId]);
    if (!task) throw new DomainError('not-found', 'There is no such task.');
    ctx.authorize(STREAM_PERMISSIONS.terminal, task.projectPath, `${task.serviceName}.${task.slot}`);
    // Who types in a container has what it has of its host: no more than they could deploy themselves.
    const spec = await specOnHost(database.prisma, await specOfTask(database.prisma, task.id));
    requirePrivileges(ctx, task.projectPath, `${task.serviceName}.${task.slot}`, spec);
    await auditTerminal(ctx, task, streamId, 'terminal.open', { command: request.command });
    const onClosed = (reason: string): void => {
      page.streams.delete(streamId);
      auditTerminal(ctx, task, streamId, 'terminal.close', { reason }).catch((error: unknown) =>
        log.error({ err: error }, 'the end of a terminal was not audited'),
      );
    };
    return openTerminal(
      { ...deps, onClosed },
      request,
      task,
      watcherOf(socket),
      createBrowserEnd(socket, streamId),
    );
  };

  const openOne = async (socket: Socket, page: PageStreams, request: StreamRequest, ctx: RequestContext) => {
    const streamId = uuid();
    if (request.kind === 'terminal') {
      const opened = await terminal(socket, page, streamId, request, ctx);
      page.streams.set(streamId, opened);
    } else {
      const tasks = await database.guard(() => logTasks(ctx, request));
      const onClosed = (): void => {
        page.streams.delete(streamId);
        page.logs.delete(streamId);
      };
      const opened = openLogs(
        { ...deps, onClosed },
        request,
        tasks,
        watcherOf(socket),
        createBrowserEnd(socket, streamId),
      );
      page.streams.set(streamId, opened);
      if (request.serviceId) page.logs.set(streamId, { serviceId: request.serviceId, open: opened });
    }
    if (socket.disconnected) page.streams.get(streamId)?.end('The page is gone.');
    return { ok: true as const, streamId };
  };

  const open = async (socket: Socket, page: PageStreams, raw: unknown, ctx: RequestContext) => {
    const parsed = StreamRequest.safeParse(raw);
    if (!parsed.success) throw new DomainError('request.invalid', 'The request for a stream cannot be read.');
    if (page.streams.size + page.opening >= MOST_STREAMS)
      throw new DomainError('too-large', `A page has ${MOST_STREAMS} logs and terminals open at most.`);
    page.opening += 1;
    try {
      return await openOne(socket, page, parsed.data, ctx);
    } finally {
      page.opening -= 1;
    }
  };

  sockets.of('/streams').on('connection', (socket) => {
    const page: PageStreams = { opening: 0, streams: new Map(), logs: new Map() };
    pages.add(page);
    socket.on('open', (raw: unknown, ack: unknown) => {
      const { subject, address } = watcherOf(socket);
      const ctx = createContext(subject, { address, via: 'live' });
      open(socket, page, raw, ctx)
        .catch(async (cause: unknown) => {
          const error = toDomainError(cause);
          await auditRefusal(platform, ctx, 'stream.open', error);
          return { ok: false as const, ...toSocketRefusal(error) };
        })
        .then((answer) => {
          if (typeof ack === 'function') ack(answer);
        });
    });
    const on = <S extends z.ZodType<{ streamId: string }>>(
      event: string,
      schema: S,
      act: (stream: OpenStream, message: z.output<S>) => void,
    ): void => {
      socket.on(event, (raw: unknown) => {
        const message = schema.safeParse(raw);
        const stream = message.success ? page.streams.get(message.data.streamId) : undefined;
        if (stream && message.success) act(stream, message.data);
      });
    };
    on('consumed', StreamConsumed, (stream, { bytes }) => stream.consumed(bytes));
    on('input', StreamInput, (stream, { bytes }) => stream.input(bytes));
    on('resize', StreamResize, (stream, { columns, rows }) => stream.resize(columns, rows));
    on('close', Closing, (stream) => stream.end('The page closed it.'));
    socket.on('disconnect', () => {
      pages.delete(page);
      for (const stream of [...page.streams.values()]) stream.end('The page, or its session, ended.');
    });
  });

  const stopListening = onChanges(platform, (change) => {
    if (change && change.kind !== 'task') return;
    for (const { logs } of pages)
      for (const { serviceId, open: opened } of logs.values())
        if (!change || change.ids.length === 0 || change.ids.includes(serviceId)) opened.tasksChanged();
  });
  platform.loops.start({
    name: 'tidy streams',
    everyMs: TIDY_MS,
    run: (now) => tidyStreams(database, now),
  });
  platform.onClose(() => {
    stopListening();
    for (const page of pages)
      for (const stream of [...page.streams.values()]) stream.end('This server stops.');
  });
};
