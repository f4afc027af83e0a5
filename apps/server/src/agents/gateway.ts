import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { type Namespace, Server, type Socket } from 'socket.io';
import type { Database } from '../platform/db/database.ts';
import type { Log } from '../platform/log.ts';
import { identify, type NodeIdentity } from './identify.ts';

type GatewayOptions = {
  database: Database;
  log: Log;
  onAgent(socket: Socket, identity: NodeIdentity, remoteAddress: string): void;
  onBulk(socket: Socket, identity: NodeIdentity): void;
};

type Gateway = {
  /** Ends every connection whose node is one of these, of either kind (SPEC.md, C4, B5). */
  dropNodes(nodeIds: readonly string[]): void;
  /** Serials of the certificates behind all connections. */
  serials(): string[];
  /** Ends every connection behind one of these certificates. */
  dropSerials(serials: readonly string[]): void;
  close(): void;
};

/** Documents travel in parts of 256 KiB; reports in pieces of half a MiB (SPEC.md, D5, R4). */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const PING_MS = 5_000;

const identityOf = (socket: Socket): NodeIdentity => (socket.data as { identity: NodeIdentity }).identity;

/** Nobody gets to a namespace without a good certificate of a node; cookies and pages of browsers never do. */
const guardNamespace = (namespace: Namespace, database: Database, log: GatewayOptions['log']): void => {
  namespace.use((socket, next) => {
    const { headers } = socket.request;
    if (headers.cookie !== undefined || headers.origin !== undefined)
      return next(new Error('Agents have no cookies and no origin: this is not the place for browsers.'));
    identify(socket.request.socket as TLSSocket, database).then(
      (known) => {
        if (!known.ok) {
          log.warn({ reason: known.message, address: socket.handshake.address }, 'an agent was refused');
          return next(new Error(known.message));
        }
        socket.data = { identity: known.identity };
        next();
      },
      (error: Error) => next(new Error(error.message)),
    );
  });
};

/** The agents' sockets on 7401: nobody without a client certificate of this cluster gets a connection (SPEC.md, C1–C4). */
export const createGateway = (server: FastifyInstance['server'], options: GatewayOptions): Gateway => {
  const io = new Server(server, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    pingInterval: PING_MS,
    pingTimeout: PING_MS,
    cookie: false,
    connectTimeout: 10_000,
    allowRequest: (request, decide) => {
      const { authorized } = request.socket as TLSSocket;
      decide(authorized ? null : 'A client certificate of this cluster is needed.', authorized);
    },
  });
  const agents = io.of('/agent');
  const bulk = io.of('/bulk');
  for (const namespace of [agents, bulk]) guardNamespace(namespace, options.database, options.log);
  agents.on('connection', (socket) =>
    options.onAgent(socket, identityOf(socket), (socket.request.socket as TLSSocket).remoteAddress ?? ''),
  );
  bulk.on('connection', (socket) => options.onBulk(socket, identityOf(socket)));

  const all = (): Socket[] => [agents, bulk].flatMap(({ sockets }) => [...sockets.values()]);
  const drop = (isGone: (identity: NodeIdentity) => boolean): void => {
    for (const socket of all().filter((one) => isGone(identityOf(one)))) {
      socket.emit('revoked');
      setImmediate(() => socket.disconnect(true));
    }
  };

  return {
    dropNodes: (nodeIds) => drop(({ nodeId }) => nodeIds.includes(nodeId)),
    serials: () => [...new Set(all().map((socket) => identityOf(socket).serial))],
    dropSerials: (serials) => drop(({ serial }) => serials.includes(serial)),
    close: () => {
      for (const namespace of [agents, bulk]) namespace.disconnectSockets(true);
      io.engine.close();
    },
  };
};
