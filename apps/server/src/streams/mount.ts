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
import type { Tx } from '../platform/db/database.ts';
import { createContext, type RequestContext } from '../platform/http/context.ts';
import { hideRefusal } from '../platform/http/hide.ts';
import { toDomainError, toSocketRefusal } from '../platform/http/problem.ts';
import { auditRefusal } from '../platform/http/refusals.ts';
import type { Platform } from '../platform.ts';
import { createBrowserEnd } from './browser-end.ts';
import type { BulkDoor } from './bulk-door.ts';
import type { LogsRequest } from './log-source.ts';
import { type OpenLogs, openLogs } from './logs.ts';
import type { OpenStream } from './open-stream.ts';
import { createRecorder, recordedEnd } from './recorder.ts';
import { mountRecordingRoutes } from './recordings.routes.ts';
import { asksForRecording, beginRecording, storeChunk } from './recordings.store.ts';
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
const ASK_AGAIN_MS = 1000;
const HOUR_MS = 3_600_000;
const Closing = z.object({ streamId: z.string() });

type PageStreams = {
  /** Asked for and not open yet: they count, so that many at once are no more than one after the other. */
  opening: number;
  streams: Map<string, OpenStream>;
  /** By stream: asks again for the right that it was opened with, and throws once it is gone. */
  rights: Map<string, (ctx: RequestContext) => void>;
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
  const pages = new Map<Socket, PageStreams>();
  /** Ends that are still being written down. */
  const endings = new Set<Promise<void>>();
  mountRecordingRoutes(platform);

  const logTasks = async (ctx: RequestContext, request: LogsRequest) => {
    if (request.serviceId) {
      const project = await projectOfService(database.prisma, request.serviceId);
      const ask = (asking: RequestContext): void => asking.authorize(STREAM_PERMISSIONS.logs, project);
      ask(ctx);
      const endedAfter = new Date(Date.now() - request.endedHours * HOUR_MS);
      return { ask, tasks: await tasksOfService(database.prisma, request.serviceId, endedAfter) };
    }
    const tasks = await tasksNamed(database.prisma, request.taskIds ?? []);
    if (tasks.length === 0) throw new DomainError('request.invalid', 'Say whose logs: a service or tasks.');
    const ask = (asking: RequestContext): void => {
      for (const task of tasks) asking.authorize(STREAM_PERMISSIONS.logs, task.projectPath);
    };
    ask(ctx);
    return { ask, tasks };
  };

  const auditTerminal = (
    ctx: RequestContext,
    task: StreamTask,
    streamId: string,
    action: string,
    detail: object,
    also: (tx: Tx) => Promise<void> = async () => undefined,
  ) =>
    database.transaction(async (tx) => {
      await recordAudit(tx, ctx, {
        action,
        object: { kind: 'task', id: task.id, name: `${task.serviceName}.${task.slot}` },
        projectPath: task.projectPath,
        detail: { stream: streamId, node: task.nodeName, ...detail },
      });
      await also(tx);
    });

  const terminal = async (
    socket: Socket,
    page: PageStreams,
    streamId: string,
    request: TerminalRequest,
    ctx: RequestContext,
  ): Promise<{ opened: OpenStream; recorded?: boolean }> => {
    const [task] = await tasksNamed(database.prisma, [request.taskId]);
    if (!task) throw new DomainError('not-found', 'There is no such task.');
    const name = `${task.serviceName}.${task.slot}`;
    ctx.authorize(STREAM_PERMISSIONS.terminal, task.projectPath, name);
    // Who types in a container has what it has of its host: no more than they could deploy themselves.
    const spec = await specOnHost(database.prisma, await specOfTask(database.prisma, task.id));
    const ask = (asking: RequestContext): void => {
      asking.authorize(STREAM_PERMISSIONS.terminal, task.projectPath, name);
      requirePrivileges(asking, task.projectPath, name, spec);
    };
    ask(ctx);
    const recorded = await asksForRecording(database.prisma, task.projectPath);
    const { columns, rows } = request;
    const recording = {
      ...{ id: streamId, taskId: task.id, objectName: name, userName: ctx.subject.name },
      ...{ projectPath: task.projectPath, columns, rows, startedAt: new Date() },
    };
    const opening = { command: request.command, ...(recorded && { recorded }) };
    await auditTerminal(ctx, task, streamId, 'terminal.open', opening, (tx) =>
      recorded ? beginRecording(tx, recording) : Promise.resolve(),
    );
    const recorder = recorded
      ? createRecorder(streamId, {
          ...{ keys: platform.keys, columns, rows, startedAt: recording.startedAt },
          store: (number, sealedLines) =>
            storeChunk(database.prisma, { recordingId: streamId, number, sealedLines }),
          onFailure: (reason) => page.streams.get(streamId)?.end(reason),
        })
      : undefined;
    const onClosed = (reason: string): void => {
      page.streams.delete(streamId);
      page.rights.delete(streamId);
      const end = async (): Promise<void> => {
        const kept = await recorder?.close();
        await auditTerminal(ctx, task, streamId, 'terminal.close', {
          reason,
          ...(kept && { recording: kept }),
        });
      };
      const ending = end()
        .catch((error: unknown) => log.error({ err: error }, 'the end of a terminal was not audited'))
        .finally(() => endings.delete(ending));
      endings.add(ending);
    };
    const end = createBrowserEnd(socket, streamId);
    const opened = await openTerminal(
      { ...deps, onClosed },
      request,
      task,
      watcherOf(socket),
      recorder ? recordedEnd(end, recorder) : end,
    );
    page.rights.set(streamId, ask);
    if (!recorder) return { opened };
    const resize = (width: number, height: number): void => {
      recorder.resize(width, height);
      opened.resize(width, height);
    };
    return { opened: { ...opened, resize }, recorded };
  };

  const openOne = async (socket: Socket, page: PageStreams, request: StreamRequest, ctx: RequestContext) => {
    const streamId = uuid();
    let isRecorded: boolean | undefined;
    if (request.kind === 'terminal') {
      const { opened, recorded } = await terminal(socket, page, streamId, request, ctx);
      page.streams.set(streamId, opened);
      isRecorded = recorded;
    } else {
      const { ask, tasks } = await database.guard(() => logTasks(ctx, request));
      const onClosed = (): void => {
        page.streams.delete(streamId);
        page.logs.delete(streamId);
        page.rights.delete(streamId);
      };
      const opened = openLogs(
        { ...deps, onClosed },
        request,
        tasks,
        watcherOf(socket),
        createBrowserEnd(socket, streamId),
      );
      page.streams.set(streamId, opened);
      page.rights.set(streamId, ask);
      if (request.serviceId) page.logs.set(streamId, { serviceId: request.serviceId, open: opened });
    }
    if (socket.disconnected) page.streams.get(streamId)?.end('The page is gone.');
    return { ok: true as const, streamId, ...(isRecorded && { recorded: true }) };
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
    const page: PageStreams = { opening: 0, streams: new Map(), rights: new Map(), logs: new Map() };
    pages.set(socket, page);
    socket.on('open', (raw: unknown, ack: unknown) => {
      const { subject, address } = watcherOf(socket);
      const ctx = createContext(subject, { address, via: 'live' });
      open(socket, page, raw, ctx)
        .catch(async (cause: unknown) => {
          const error = hideRefusal(ctx, toDomainError(cause));
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
      pages.delete(socket);
      for (const stream of [...page.streams.values()]) stream.end('The page, or its session, ended.');
    });
  });

  const stopListening = onChanges(platform, (change) => {
    if (change && change.kind !== 'task') return;
    for (const { logs } of pages.values())
      for (const { serviceId, open: opened } of logs.values())
        if (!change || change.ids.length === 0 || change.ids.includes(serviceId)) opened.tasksChanged();
  });
  const askAgain = (socket: Socket): void => {
    const page = pages.get(socket);
    const { subject, address } = watcherOf(socket);
    for (const [streamId, ask] of page?.rights ?? [])
      try {
        ask(createContext(subject, { address, via: 'live' }));
      } catch (cause) {
        page?.streams.get(streamId)?.end(toDomainError(cause).message);
      }
  };
  sockets.onOtherRights(askAgain);
  // Grants also end by time, which nobody announces.
  const timer = setInterval(() => {
    for (const socket of pages.keys()) askAgain(socket);
  }, ASK_AGAIN_MS);
  platform.loops.start({
    name: 'tidy streams',
    everyMs: TIDY_MS,
    run: (now) => tidyStreams(database, now),
  });
  platform.onClose(async () => {
    stopListening();
    clearInterval(timer);
    for (const page of pages.values())
      for (const stream of [...page.streams.values()]) stream.end('This server stops.');
    await Promise.all(endings);
  });
};
