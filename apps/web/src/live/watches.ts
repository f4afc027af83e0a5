import {
  applyDelta,
  type DeltaStep,
  type Json,
  type Route,
  type SocketRefusal,
  WatchAnswer,
  WatchDelta,
  WatchEnd,
} from '@portreeve/contract';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { type Address, ApiError, call } from '../lib/call.ts';
import { pageSecret } from '../lib/session.ts';
import { liveSocket, refreshed } from './connection.ts';

/**
 * Live queries: one watch per key of the cache, shared by every component that shows it. The socket gives a snapshot
 * and then deltas; a gap in their versions means to watch again. Without a socket the same query goes over HTTP.
 */
type Watched = {
  key: QueryKey;
  route: Route;
  address: Address;
  users: number;
  /** Id of the open watch; each opening has its own, so that late deltas of an earlier one fall away. */
  watchId: string | null;
  version: number;
  value: Json;
  opening: Promise<Json> | null;
};
export type Watches = {
  load: (key: QueryKey, route: Route, address: Address) => Promise<unknown>;
  retain: (key: QueryKey, route: Route, address: Address) => () => void;
  isOpen: (key: QueryKey) => boolean;
};

const CLOSE_AFTER_MS = 3_000;
const ANSWER_WITHIN_MS = 10_000;
const RETRY_MS = 3_000;
let counter = 0;

const failed = ({ code, message, hint }: SocketRefusal): ApiError => {
  if (code === 'auth.required') pageSecret.forget();
  return new ApiError({ code, detail: message, hint, status: 0 });
};

/** Starts the bookkeeping of a page's watches on its cache. */
export const createWatches = (client: QueryClient): Watches => {
  const all = new Map<string, Watched>();
  const socket = liveSocket();

  const entryOf = (key: QueryKey, route: Route, address: Address): Watched => {
    const id = JSON.stringify(key);
    const known = all.get(id);
    if (known) return known;
    const fresh: Watched = {
      key,
      route,
      address,
      users: 0,
      watchId: null,
      version: 0,
      value: null,
      opening: null,
    };
    all.set(id, fresh);
    return fresh;
  };

  const show = (entry: Watched, value: Json) => {
    entry.value = value;
    client.setQueryData(entry.key, value);
  };

  const showError = (entry: Watched, error: ApiError) => {
    client.getQueryCache().find({ queryKey: entry.key, exact: true })?.setState({ status: 'error', error });
  };

  const askSocket = async (entry: Watched): Promise<Json> => {
    const watchId = `w${++counter}`;
    entry.watchId = watchId;
    const raw = await socket
      .timeout(ANSWER_WITHIN_MS)
      .emitWithAck('watch', { watchId, route: entry.route.id, ...entry.address });
    const answer = WatchAnswer.parse(raw);
    if (!answer.ok) {
      entry.watchId = null;
      throw failed(answer);
    }
    entry.version = answer.version;
    show(entry, answer.snapshot as Json);
    return entry.value;
  };

  const open = (entry: Watched): Promise<Json> => {
    entry.opening ??= askSocket(entry).finally(() => {
      entry.opening = null;
    });
    return entry.opening;
  };

  const reopen = (entry: Watched) => {
    open(entry).catch((error: unknown) => {
      if (error instanceof ApiError) return showError(entry, error);
      if (entry.users > 0 && socket.connected) setTimeout(() => reopen(entry), RETRY_MS);
    });
  };

  const close = (entry: Watched) => {
    if (entry.users > 0) return;
    if (entry.watchId !== null && socket.connected) socket.emit('unwatch', { watchId: entry.watchId });
    all.delete(JSON.stringify(entry.key));
  };

  const byWatchId = (watchId: string) => [...all.values()].find((entry) => entry.watchId === watchId);

  socket.on('connect', () => {
    for (const entry of all.values()) if (entry.users > 0) reopen(entry);
  });
  socket.on('disconnect', () => {
    for (const entry of all.values()) entry.watchId = null;
  });
  socket.on('delta', (raw: unknown) => {
    const delta = WatchDelta.parse(raw);
    const entry = byWatchId(delta.watchId);
    if (!entry || entry.opening) return;
    if (delta.version !== entry.version + 1) return reopen(entry);
    entry.version = delta.version;
    show(entry, applyDelta(entry.value, delta.changes as DeltaStep[]));
  });
  socket.on('end', (raw: unknown) => {
    const end = WatchEnd.parse(raw);
    const entry = byWatchId(end.watchId);
    if (!entry) return;
    entry.watchId = null;
    showError(entry, failed(end));
    const passes = end.code === 'database.unavailable' || end.code === 'internal';
    if (passes) setTimeout(() => entry.users > 0 && reopen(entry), RETRY_MS);
  });

  return {
    load: async (key, route, address) => {
      if (socket.connected) {
        const answer = await open(entryOf(key, route, address)).catch((error: unknown) => {
          if (error instanceof ApiError) throw error;
          return undefined;
        });
        if (answer !== undefined) return answer;
      }
      const value = await call(route, address);
      refreshed();
      return value;
    },
    retain: (key, route, address) => {
      const entry = entryOf(key, route, address);
      entry.users += 1;
      if (entry.watchId === null && socket.connected) reopen(entry);
      return () => {
        entry.users -= 1;
        setTimeout(() => close(entry), CLOSE_AFTER_MS);
      };
    },
    isOpen: (key) => (all.get(JSON.stringify(key))?.watchId ?? null) !== null,
  };
};
