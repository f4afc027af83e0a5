import type { FastifyInstance } from 'fastify';
import pLimit from 'p-limit';
import type { Socket } from 'socket.io';
import { recordAudit } from '../audit/audit.store.ts';
import type { Enrolment } from '../nodes/enrolment.ts';
import type { Ca } from '../platform/ca/ca.ts';
import type { Database } from '../platform/db/database.ts';
import { systemContext } from '../platform/http/context.ts';
import type { Log } from '../platform/log.ts';
import { openAlarm, violationKey } from './alarms.store.ts';
import { AGENTS_CHANNEL, AgentSignal, signalAgents } from './channel.ts';
import { agentAddresses, revokedAmong, staleSessions, storeReady } from './connection.store.ts';
import { serveConnection } from './connection.ts';
import { registerEndpoints } from './endpoints.ts';
import { createGateway } from './gateway.ts';
import type { NodeIdentity } from './identify.ts';
import { createOtherServers, type LiveNode, liveOf } from './live-figures.ts';
import { createPush } from './push.ts';
import { createReadiness } from './readiness.ts';
import { createLeaseRenewal } from './renew-leases.ts';
import { type AskAgent, createRequests } from './requests.ts';
import { type AgentSession, createSessions } from './sessions.ts';
import type { Timing } from './timing.ts';

export type AgentsOptions = {
  database: Database;
  log: Log;
  serverId: string;
  clusterId: string;
  timing: Timing;
  enrolment: Enrolment;
  unseal(sealed: string, context: string): string;
  ca: Ca;
  /** HTTPS server of 7401; endpoints and sockets are added to it. */
  listener: FastifyInstance;
  /** Folder with the built agents. */
  agentFiles: string;
  onBulk(socket: Socket, identity: NodeIdentity, onViolation: (message: string) => void): void;
  onBeat(): void;
  onReport(): void;
};

export type Agents = {
  askAgent: AskAgent;
  /** Live figures of a node, also of one that another server holds. */
  live(nodeId: string): LiveNode | undefined;
  /** Tells the other servers the figures of the nodes held here; run now and then on each. */
  shareLive(): Promise<void>;
  connected(): number;
  /** Renews the leases of everyone heard; run every second or two on each server. */
  renewLeases(): Promise<void>;
  close(): Promise<void>;
};

type SignalHandlers = {
  [K in AgentSignal['kind']]: (signal: Extract<AgentSignal, { kind: K }>) => void;
};

const TICK_MS = 500;
const SAFETY_MS = 5_000;
/** A revoked certificate is out within a minute even where the word of it was lost (SPEC.md, C4). */
const REVOKED_MS = 20_000;
const SERVERS_MS = 1_000;
/** Notifications are at most 8,000 bytes. */
const NODES_PER_SIGNAL = 8;
/** A returning node that still stops what was taken from it is used after this long all the same. */
const RETURN_WITHIN_MS = 20_000;

/** Everything about the agents' connections of this server; the rows and the other servers know the rest. */
export const createAgents = (options: AgentsOptions): Agents => {
  const { database, log, timing, ca } = options;
  const sessions = createSessions();
  const readiness = createReadiness(database, sessions, log);
  const requests = createRequests(database, sessions);
  let known: { at: number; addresses: Promise<string[]> } | undefined;
  let lastKnown: string[] = [];
  const readServers = async (): Promise<string[]> => {
    lastKnown = await agentAddresses(database.prisma).catch(() => lastKnown);
    return lastKnown;
  };
  // The same for every agent, and a hundred may ask at once.
  const servers = (): Promise<string[]> => {
    const now = performance.now();
    if (!known || now - known.at > SERVERS_MS) known = { at: now, addresses: readServers() };
    return known.addresses;
  };
  const others = createOtherServers();
  // Agents come by the hundred at the same moment; the database's connections are few, and people need them too.
  const openingTurns = pLimit(4);
  const reportTurns = pLimit(5);
  const current = new WeakMap<AgentSession, number>();

  /** Once in a connection: a node that is in use needs no look at each report, each document and each tick. */
  const settle = (session: AgentSession): void => {
    const since = current.get(session);
    if (session.settled || since === undefined || !session.complete || session.closed) return;
    if (session.unwanted.size > 0 && performance.now() - since < RETURN_WITHIN_MS) return;
    session.settled = true;
    database
      .transaction((tx) => storeReady(tx, session.nodeId))
      .catch((error: unknown) => {
        session.settled = false;
        log.warn({ nodeId: session.nodeId, err: error }, 'a node could not be put to use');
      });
  };
  const push = createPush({
    database,
    log,
    unseal: options.unseal,
    assignmentKey: ca.assignment,
    onCurrent: (session) => {
      if (!current.has(session)) current.set(session, performance.now());
      readiness.greet(session);
      settle(session);
    },
  });

  const violated = (nodeId: string, message: string): void => {
    log.error({ nodeId }, message);
    database
      .transaction(async (tx) => {
        const opened = await openAlarm(tx, {
          kind: 'agent-violation',
          key: violationKey(nodeId),
          severity: 'critical',
          message: `The agent of this node broke the protocol: ${message}`,
          hint: 'Nothing of it was believed. If the host may be in foreign hands, remove the node: that revokes its certificate.',
          nodeId,
        });
        // Once per alarm: an agent that does it again and again fills no audit.
        if (opened)
          await recordAudit(tx, systemContext('agents'), {
            action: 'node.violation',
            object: { kind: 'node', id: nodeId },
            outcome: 'refused',
            detail: { reason: message },
          });
      })
      .catch((error: unknown) => log.error({ nodeId, err: error }, 'the alarm was not stored'));
  };

  const onReport = (session: AgentSession): void => {
    options.onReport();
    settle(session);
  };

  registerEndpoints(options.listener, { ...options, caPem: ca.certificatePem });
  const gateway = createGateway(options.listener.server, {
    ...options,
    onBulk: (socket, identity) =>
      options.onBulk(socket, identity, (message) => violated(identity.nodeId, message)),
    onAgent: (socket, identity, remoteAddress) =>
      serveConnection(socket, identity, remoteAddress, {
        ...options,
        sessions,
        servers,
        knownServers: () => lastKnown,
        openingTurns,
        reportTurns,
        caCertificates: [...ca.trustAnchors],
        onViolation: violated,
        onWelcome: push.wake,
        onReport,
      }),
  });

  const wakeStale = async (): Promise<void> => {
    const has = sessions.all().map(({ nodeId, has: { generation } }) => ({ nodeId, generation }));
    const stale = await database.guard(() => staleSessions(database.prisma, has));
    for (const nodeId of stale) wake(nodeId);
  };
  /** A word that a certificate was revoked may be lost too: then its connections end here. */
  const dropRevoked = async (): Promise<void> =>
    gateway.dropSerials(await database.guard(() => revokedAmong(database.prisma, gateway.serials())));
  const wake = (nodeId: string): void => {
    const session = sessions.get(nodeId);
    if (session) push.wake(session);
  };

  const onSignal: SignalHandlers = {
    generation: ({ nodeIds }) => nodeIds.forEach(wake),
    readiness: ({ networkIds }) => readiness.changed(networkIds),
    connected: ({ nodeId, serverId }) => {
      if (serverId === options.serverId) return;
      sessions.get(nodeId)?.close('A newer connection of the same node stands at another server.');
    },
    revoked: ({ nodeIds }) => gateway.dropNodes(nodeIds),
    live: ({ serverId, nodes }) => {
      if (serverId !== options.serverId) others.heard(nodes, Date.now());
    },
    request: ({ requestId, nodeId }) => requests.onRequest(requestId, nodeId),
    answer: ({ requestId }) => requests.onAnswer(requestId),
  };
  const stopListening = database.listen(AGENTS_CHANNEL, (payload) => {
    if (payload === null) {
      wakeStale().catch(() => undefined);
      dropRevoked().catch(() => undefined);
      return;
    }
    const signal = AgentSignal.safeParse(JSON.parse(payload));
    if (signal.success) (onSignal[signal.data.kind] as (signal: AgentSignal) => void)(signal.data);
  });

  // The agent's own watchdog redials after three intervals; ours ends what is silent a little later.
  let tickedAt = performance.now();
  const tick = setInterval(() => {
    const now = performance.now();
    const stoodStillMs = now - tickedAt - TICK_MS;
    tickedAt = now;
    for (const session of sessions.all()) {
      // While this process stood still nobody could be heard: what they said meanwhile is read after this.
      if (stoodStillMs > TICK_MS) session.heardAt = Math.min(now, session.heardAt + stoodStillMs);
      if (now - session.heardAt > timing.silenceMs)
        session.close(`Nothing was heard of it for ${Math.round((now - session.heardAt) / 100) / 10} s.`);
      if (session.certificateExpires.getTime() < Date.now()) session.close('Its certificate has expired.');
      settle(session);
    }
  }, TICK_MS);
  // Notifications are hints: one that was lost is made good here.
  const safety = setInterval(() => {
    if (!database.health.available()) return;
    wakeStale().catch(() => undefined);
    void servers();
  }, SAFETY_MS);
  const revocations = setInterval(() => {
    if (database.health.available()) dropRevoked().catch(() => undefined);
  }, REVOKED_MS);

  return {
    askAgent: requests.askAgent,
    live: (nodeId) => {
      const session = sessions.get(nodeId);
      return session ? liveOf(session) : others.get(nodeId, Date.now());
    },
    shareLive: async () => {
      if ((await servers()).length < 2) return;
      const all = sessions.all();
      for (let start = 0; start < all.length; start += NODES_PER_SIGNAL) {
        const nodes = all
          .slice(start, start + NODES_PER_SIGNAL)
          .map((session) => ({ nodeId: session.nodeId, live: liveOf(session) }));
        await signalAgents(database.prisma, { kind: 'live', serverId: options.serverId, nodes });
      }
    },
    connected: () => sessions.all().length,
    renewLeases: createLeaseRenewal(database, sessions, options.serverId, timing.silenceMs),
    close: async () => {
      clearInterval(tick);
      clearInterval(safety);
      clearInterval(revocations);
      stopListening();
      readiness.stop();
      const all = sessions.all();
      for (const session of all) session.close('This server stops.');
      gateway.close();
      await Promise.all(all.map(({ stored }) => stored));
      await push.stop();
    },
  };
};
