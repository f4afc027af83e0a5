import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { pageSecret } from '../lib/session.ts';

/** What the masthead says: live, or since when what is on screen may be old. */
export type Connection =
  | { state: 'live' }
  | { state: 'connecting' }
  /** The console does not answer. */
  | { state: 'reconnecting'; since: number }
  /** The console answers, its database does not. */
  | { state: 'no database'; since: number };

const RETRY_MS = 3_000;
const HEALTH_MS = 4_000;
const CONNECT_MS = 5_000;
let health: ReturnType<typeof setInterval> | undefined;
let socket: Socket | undefined;
let connection: Connection = { state: 'connecting' };
const listeners = new Set<() => void>();

const become = (next: Connection) => {
  connection = next;
  for (const listener of listeners) listener();
};

/** The one socket of this page; opened at the first use, after sign-in. */
export const liveSocket = (): Socket => {
  if (socket) return socket;
  health = watchDatabase();
  socket = io({
    transports: ['websocket'],
    auth: (give) => give({ page: pageSecret.read() }),
    reconnectionDelayMax: 5_000,
    // Something between may take the connection and say nothing: then it is away, not still connecting.
    timeout: CONNECT_MS,
  });
  socket.on('connect', () => become({ state: 'live' }));
  socket.on('disconnect', (reason) => {
    become({ state: 'reconnecting', since: Date.now() });
    // Ended by the server on purpose: the library leaves it at that, and a restart of the server looks the same.
    const ended = socket;
    if (reason === 'io server disconnect') setTimeout(() => ended === socket && ended?.connect(), RETRY_MS);
  });
  socket.on('signed-out', pageSecret.forget);
  socket.on('connect_error', () => {
    if (connection.state !== 'reconnecting') become({ state: 'reconnecting', since: Date.now() });
    // The library tries again by itself unless the server refused, e.g. while the first password is not changed yet.
    const refused = socket;
    if (refused && !refused.active) setTimeout(() => refused === socket && refused.connect(), RETRY_MS);
  });
  return socket;
};

/** The socket of logs and terminals, on the same connection. */
export const streamSocket = (): Socket => liveSocket().io.socket('/streams', { auth: liveSocket().auth });

/** Data came by HTTP while the socket is away: what is on screen is as young as this. */
export const refreshed = (): void => {
  if (connection.state === 'reconnecting') become({ state: 'reconnecting', since: Date.now() });
};

/** Asks now and then whether the server has its database; a socket that stands says nothing about that. */
const watchDatabase = (): ReturnType<typeof setInterval> =>
  setInterval(async () => {
    if (connection.state !== 'live' && connection.state !== 'no database') return;
    const answer = await fetch('/readyz').catch(() => null);
    if (answer === null || !socket?.connected) return;
    if (answer.ok && connection.state === 'no database') become({ state: 'live' });
    if (answer.status === 503 && connection.state === 'live')
      become({ state: 'no database', since: Date.now() });
  }, HEALTH_MS);

export const closeLive = (): void => {
  clearInterval(health);
  socket?.disconnect();
  socket = undefined;
  become({ state: 'connecting' });
};

export const readConnection = (): Connection => connection;
export const onConnection = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
