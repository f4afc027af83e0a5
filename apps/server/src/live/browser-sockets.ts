import type { IncomingMessage } from 'node:http';
import type { ChangeKind } from '@portreeve/contract';
import { DomainError, ERROR_STATUS } from '@portreeve/domain';
import { type Namespace, Server, type Socket } from 'socket.io';
import { sameRights } from '../access/subject.ts';
import {
  type AllowedNames,
  refuseTokenInAddress,
  requireKnownHost,
  requireOwnOrigin,
} from '../platform/http/origin.ts';
import { toDomainError } from '../platform/http/problem.ts';
import type { Platform } from '../platform.ts';
import { onChanges } from './on-changes.ts';
import type { Watcher } from './watch.ts';

export type BrowserSockets = {
  /** Namespace whose sockets have proved who they are; `watcherOf` says who. */
  of(name: string): Namespace;
  /** Calls `handler` for each socket whose person may do something else than before. */
  onOtherRights(handler: (socket: Socket) => void): void;
};

const MAX_MESSAGE_BYTES = 1024 * 1024;
const RECHECK_MS = 30_000;
/** Changes after which a person may be signed out, or may do something else. */
const OF_PEOPLE: ReadonlySet<ChangeKind> = new Set(['session', 'token', 'user', 'grant']);
/** The same for changes that name what people are given their rights by: everybody is asked for. */
const OF_RIGHTS: ReadonlySet<ChangeKind> = new Set(['team', 'role', 'project']);

/** Who is behind a socket of a browser, of the command line, or of a script. */
export const watcherOf = (socket: Socket): Watcher => (socket.data as { watcher: Watcher }).watcher;

const requireOwnPage = ({ url = '', headers }: IncomingMessage, names: AllowedNames): void => {
  const { origin, cookie, host } = headers;
  refuseTokenInAddress(new URL(url, 'http://here').searchParams.keys());
  // Only a browser has either, and then both are needed; what has neither must bring a token.
  if (origin === undefined && cookie === undefined) requireKnownHost(host, names);
  else requireOwnOrigin(origin, host, names);
};

/** engine.io answers every refused upgrade with 400: the right status goes out before it does. */
const refuseUpgrade = ({ socket, headers }: IncomingMessage, { code, message }: DomainError): void => {
  if (!headers.upgrade || !socket.writable) return;
  const head = [`HTTP/1.1 ${ERROR_STATUS[code]} Refused`, 'connection: close', 'content-type: text/plain'];
  socket.end(`${head.join('\r\n')}\r\n\r\n${message}`);
};

/**
 * Sockets of browsers on the console's own origin. Cookie, page secret and origin are checked as for HTTP; a bearer
 * token makes the cookie not count. Sockets end with the session or token behind them.
 */
export const createBrowserSockets = (platform: Platform): BrowserSockets => {
  const { http, database, identity, allowedNames, log } = platform;
  const io = new Server(http.app.server, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    cookie: false,
    // Other upgrades on this port are somebody else's, in development.
    destroyUpgrade: false,
    allowRequest: (request, decide) => {
      try {
        requireOwnPage(request, allowedNames);
        decide(null, true);
      } catch (cause) {
        const error = toDomainError(cause);
        refuseUpgrade(request, error);
        decide(error.message, false);
      }
    },
  });

  const authenticate = async (socket: Socket): Promise<void> => {
    const { headers, auth, address } = socket.handshake;
    // A browser cannot set headers on a websocket and a script should not need to: both may send it in `auth`.
    const authorization = typeof auth.token === 'string' ? `Bearer ${auth.token}` : headers.authorization;
    const { host, origin, cookie } = headers;
    const ctx = await database.guard(() =>
      identity.authenticateSocket({ headers: { host, origin, cookie, authorization }, auth, address }),
    );
    socket.data = { watcher: { subject: ctx.subject, address } satisfies Watcher };
  };

  const namespaces: Namespace[] = [];
  const guarded = (name: string): Namespace => {
    const namespace = io.of(name).use((socket, next) => {
      authenticate(socket).then(
        () => next(),
        (cause: unknown) => {
          const { code, message } = toDomainError(cause);
          next(Object.assign(new Error(message), { data: { code, message } }));
        },
      );
    });
    namespaces.push(namespace);
    return namespace;
  };

  const all = (): Socket[] => namespaces.flatMap((namespace) => [...namespace.sockets.values()]);
  const toldOfRights: ((socket: Socket) => void)[] = [];
  const recheck = async (sockets: readonly Socket[]): Promise<void> => {
    for (const socket of sockets) {
      const watcher = watcherOf(socket);
      const before = watcher.subject;
      // With the database away nobody can say: what was, goes on.
      const now = await identity.renew(before).catch(() => before);
      if (now === undefined) {
        socket.emit('signed-out', new DomainError('auth.required', 'The session has ended.').message);
        socket.disconnect(true);
        continue;
      }
      watcher.subject = now;
      if (!sameRights(before, now)) for (const tell of toldOfRights) tell(socket);
    }
  };
  const stopListening = onChanges(platform, (change) => {
    if (change !== undefined && !OF_PEOPLE.has(change.kind) && !OF_RIGHTS.has(change.kind)) return;
    const ids = new Set(change !== undefined && OF_PEOPLE.has(change.kind) ? change.ids : []);
    const concerned = all().filter((socket) => {
      const { userId, tokenId = '', sessionId = '' } = watcherOf(socket).subject;
      return ids.size === 0 || ids.has(userId) || ids.has(tokenId) || ids.has(sessionId);
    });
    recheck(concerned).catch((error: unknown) => log.error({ err: error }, 'sessions were not checked'));
  });
  // Sessions also end by time, which nobody announces.
  const timer = setInterval(() => {
    if (database.health.available()) recheck(all()).catch(() => undefined);
  }, RECHECK_MS);

  platform.onClose(() => {
    clearInterval(timer);
    stopListening();
    for (const socket of all()) socket.disconnect(true);
    io.engine.close();
  });
  return { of: guarded, onOtherRights: (handler) => toldOfRights.push(handler) };
};
