import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerInfo } from 'dockerode';
import { messageOf } from '../errors.ts';
import { every } from '../periodic.ts';
import { type Engine, openEngine } from './engine.ts';
import type { EngineEvent } from './events.ts';
import { healthOfStatus, LABEL, type SeenContainer, stateOf } from './seen.ts';
import { watchHealth } from './watch-health.ts';

const ACTIONS = [
  'create',
  'start',
  'die',
  'died',
  'oom',
  'kill',
  'destroy',
  'remove',
  'health_status',
  'pause',
  'unpause',
];
const PING_MS = 5_000;
const RELIST_MS = 60_000;
const HEALTH_MS = 1_000;
const LAST_WAIT_MS = 5_000;

export type WatchHandlers = {
  /** The engine answers and all containers of ours are listed; also after each later look at all of them. */
  onList(engine: Engine, containers: SeenContainer[]): void;
  onEvent(event: EngineEvent): void;
  onDown(reason: string): void;
};

const seenOf = (info: ContainerInfo): SeenContainer => ({
  id: info.Id,
  name: info.Names[0]?.replace(/^\//, '') ?? '',
  taskId: info.Labels[LABEL.task] ?? '',
  attempt: Number(info.Labels[LABEL.attempt] ?? 0),
  state: stateOf(info.State),
  health: healthOfStatus(info.Status),
  killedOutside: false,
});

const list = async (engine: Engine, nodeId: string): Promise<SeenContainer[]> => {
  const found = await engine.docker.listContainers({
    all: true,
    filters: { label: [`${LABEL.node}=${nodeId}`] },
    abortSignal: AbortSignal.timeout(30_000),
  } as Parameters<typeof engine.docker.listContainers>[0]);
  return found.map(seenOf);
};

/** Seconds with nanoseconds, as the engine wants `since`. */
const sinceOf = (timeNano: number): string =>
  `${Math.floor(timeNano / 1e9)}.${String(Math.floor(timeNano % 1e9)).padStart(9, '0')}`;

/**
 * Watches the engine: its events as they come, resumed from the last one after a break, and a full list after
 * each connection and every minute, so that nothing missed stays missed. A ping finds an engine that hangs.
 */
export const watchEngine = (
  options: { socketPath: string; nodeId: string } & WatchHandlers,
): { stop(): void } => {
  const stopping = new AbortController();
  let lastEvent: number | undefined;

  const follow = async (engine: Engine): Promise<string> => {
    const connection = new AbortController();
    const signal = AbortSignal.any([stopping.signal, connection.signal]);
    const end = (reason: string) => connection.abort(new Error(reason));
    let early: EngineEvent[] | undefined = [];
    const tell = (event: EngineEvent): void => {
      if (early) early.push(event);
      else options.onEvent(event);
    };
    const health = engine.tellsHealth ? undefined : watchHealth(engine, options.nodeId, tell);
    const take = (event: EngineEvent): void => {
      lastEvent = event.timeNano ?? lastEvent;
      // There it says that a check was made and not how it went: the next look does.
      if (!health || !event.Action.startsWith('health_status')) tell(event);
    };
    const relist = async (): Promise<void> => {
      early ??= [];
      await health?.look();
      const found = await list(engine, options.nodeId);
      const containers = found.map((one) => ({ ...one, health: health?.of(one.id) ?? one.health }));
      const missed = early;
      early = undefined;
      options.onList(engine, containers);
      for (const event of missed) options.onEvent(event);
    };

    const stream = await engine.docker.getEvents({
      since: lastEvent === undefined ? undefined : sinceOf(lastEvent + 1),
      filters: { type: ['container'], event: ACTIONS, label: [`${LABEL.node}=${options.nodeId}`] },
      abortSignal: signal,
    } as Parameters<typeof engine.docker.getEvents>[0]);
    readLines(stream, (line) => take(JSON.parse(line) as EngineEvent));
    stream.on('end', () => end('the engine closed its event stream'));
    stream.on('close', () => end('the engine closed its event stream'));
    stream.on('error', (error) => end(messageOf(error)));
    await relist();

    const ping = setInterval(() => {
      const ask = engine.docker.ping.bind(engine.docker) as unknown as (o: object) => Promise<unknown>;
      ask({ abortSignal: AbortSignal.timeout(PING_MS) }).catch((error) =>
        end(`the engine does not answer: ${messageOf(error)}`),
      );
    }, PING_MS);
    const look = setInterval(() => {
      relist().catch((error) => end(messageOf(error)));
    }, RELIST_MS);
    const stopLooking = health && every(HEALTH_MS, 'the health of containers was not seen', health.look);
    try {
      return await new Promise<string>((resolve) => {
        const done = () => resolve(messageOf(signal.reason));
        if (signal.aborted) done();
        else signal.addEventListener('abort', done, { once: true });
      });
    } finally {
      clearInterval(ping);
      clearInterval(look);
      stopLooking?.();
      (stream as unknown as { destroy(): void }).destroy();
    }
  };

  const loop = async (): Promise<void> => {
    let wait = 100;
    while (!stopping.signal.aborted) {
      try {
        const engine = await openEngine(options.socketPath);
        const reason = await follow(engine);
        wait = 100;
        if (!stopping.signal.aborted) options.onDown(reason);
      } catch (error) {
        if (!stopping.signal.aborted) options.onDown(messageOf(error));
      }
      await pause(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      wait = Math.min(LAST_WAIT_MS, wait * 2);
    }
  };
  void loop();
  return { stop: () => stopping.abort(new Error('the agent stops')) };
};

const readLines = (stream: NodeJS.ReadableStream, onLine: (line: string) => void): void => {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  });
};
