import {
  type Change,
  diffJson,
  type Json,
  type Watch,
  type WatchAnswer,
  type WatchEnd,
} from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { z } from 'zod';
import type { Subject } from '../access/subject.ts';
import type { Database } from '../platform/db/database.ts';
import { createContext } from '../platform/http/context.ts';
import { toDomainError, toSocketRefusal } from '../platform/http/problem.ts';
import { auditRefusal } from '../platform/http/refusals.ts';
import type { MountedRoute } from '../platform/http/routes.ts';
import type { Log } from '../platform/log.ts';
import { isConcerned } from './concerns.ts';
import { createPace } from './pace.ts';

export type Watcher = { subject: Subject; address: string };
export type OpenWatch = {
  /** Runs it the first time. */
  start(): Promise<z.infer<typeof WatchAnswer>>;
  changed(change: Change): void;
  /** Anything may have changed. */
  refresh(): void;
  stop(): void;
};
type WatchEvents = {
  delta(message: { watchId: string; version: number; changes: unknown[] }): void;
  end(message: z.infer<typeof WatchEnd>): void;
};

/** Refusals after which a page must not go on showing what it has. Others are of the moment, and the watch stands. */
const ENDING = new Set(['auth.required', 'permission.missing', 'not-found', 'request.invalid', 'internal']);

/**
 * A GET route that a page watches: run with the same validation and authorization as over HTTP, again whenever
 * something it names has changed, and told as the difference to what was told before.
 */
export const openWatch = (
  found: MountedRoute,
  watch: Watch,
  watcher: Watcher,
  { database, log }: { database: Database; log: Log },
  events: WatchEvents,
): OpenWatch => {
  const { watchId, params, query } = watch;
  let version = 0;
  let shown: Json = null;
  let stopped = false;

  // A context of its own for each run: who asked once has not asked for ever.
  const context = () => createContext(watcher.subject, { address: watcher.address, via: 'live' });
  const run = async (): Promise<Json> => {
    const answer = await database.guard(() => found.run(context(), { params, query, body: undefined }));
    return JSON.parse(JSON.stringify(answer ?? null)) as Json;
  };
  let started: Promise<unknown> = Promise.resolve();
  const rerun = async (): Promise<void> => {
    // What changes while the first answer is made is a difference to that answer.
    await started;
    if (stopped) return;
    try {
      const next = await run();
      const changes = diffJson(shown, next);
      if (stopped || changes.length === 0) return;
      shown = next;
      version += 1;
      events.delta({ watchId, version, changes });
    } catch (cause) {
      const error = toDomainError(cause);
      if (stopped || !ENDING.has(error.code)) return;
      stop();
      events.end({ watchId, ...toSocketRefusal(error) });
    }
  };
  const snapshot = async (): Promise<z.infer<typeof WatchAnswer>> => {
    try {
      shown = await run();
      return { ok: true, version, snapshot: shown };
    } catch (cause) {
      stop();
      const error = toDomainError(cause);
      await auditRefusal({ database, log }, context(), found.route.id, error);
      return { ok: false, ...toSocketRefusal(error) };
    }
  };
  const pace = createPace(rerun);
  const stop = (): void => {
    stopped = true;
    pace.stop();
  };

  return {
    start: () => {
      const first = snapshot();
      started = first;
      return first;
    },
    changed: (change) => {
      if (isConcerned(found.route, params, change)) pace.signal();
    },
    refresh: pace.signal,
    stop,
  };
};

/** Finds the route of a watch; only GET routes that say what changes them can be watched. */
export const watchedRoute = (mounted: ReadonlyMap<string, MountedRoute>, id: string): MountedRoute => {
  const found = mounted.get(id);
  if (found?.route.method === 'GET' && found.route.live.length > 0) return found;
  throw new DomainError('method.unknown', `The route "${id}" cannot be watched.`);
};
