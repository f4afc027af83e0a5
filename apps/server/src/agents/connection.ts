import { randomUUID } from 'node:crypto';
import {
  Beat,
  closedInWords,
  Hello,
  type Incompatibility,
  incompatibilitySentence,
  Leaving,
  negotiate,
  type Welcome,
} from '@portreeve/agent-protocol';
import { NodeFacts } from '@portreeve/domain';
import type { LimitFunction } from 'p-limit';
import type { Socket } from 'socket.io';
import type { z } from 'zod';
import type { Database } from '../platform/db/database.ts';
import type { Log } from '../platform/log.ts';
import { createAnswerParts } from './answer-parts.ts';
import { claimsIn } from './claims.ts';
import { closeConnection, openConnection, storeFacts, storeLeaving } from './connection.store.ts';
import { hostAddressOf } from './host-address.ts';
import type { NodeIdentity } from './identify.ts';
import { readReport } from './read-report.ts';
import { storeReport } from './reports.store.ts';
import type { AgentSession, Sessions } from './sessions.ts';
import { storable } from './storable.ts';
import type { Timing } from './timing.ts';

type ConnectionOptions = {
  database: Database;
  log: Log;
  sessions: Sessions;
  serverId: string;
  clusterId: string;
  timing: Timing;
  /** Agents that come, and reports, wait here for the database instead of crowding it. */
  openingTurns: LimitFunction;
  reportTurns: LimitFunction;
  caCertificates: string[];
  /** Addresses of all servers, for the agent's list. */
  servers(): Promise<string[]>;
  /** The same as last read: beats ask no database. */
  knownServers(): readonly string[];
  /** A node said something that only a mix-up or a lie explains (SPEC.md, C1). */
  onViolation(nodeId: string, message: string): void;
  onWelcome(session: AgentSession): void;
  /** A report of it was stored. */
  onReport(session: AgentSession): void;
  onBeat(): void;
};

type Ack = (answer: unknown) => void;
type Answer = z.infer<typeof Welcome>;

const RETRY_MS = 2_000;
const HELLO_WITHIN_MS = 10_000;

const refusal = (reason: string, message: string, retryAfterMs: number): Answer => ({
  ok: false,
  reason,
  message,
  retryAfterMs,
});
const incompatible = (reason: Incompatibility): Answer =>
  refusal(reason, incompatibilitySentence(reason), 30_000);

/** One control connection: `hello` first, then beats, reports and the rest (SPEC.md, C1–C4, L1, L4, R1). */
export const serveConnection = (
  socket: Socket,
  identity: NodeIdentity,
  remoteAddress: string,
  options: ConnectionOptions,
): void => {
  const { database, log, sessions, timing } = options;
  const { nodeId } = identity;
  let session: AgentSession | undefined;
  let reason = '';
  let begun = false;

  const close = (why: string): void => {
    reason ||= why;
    // The packet that says why goes out before the connection ends.
    setImmediate(() => socket.disconnect(true));
  };
  const violate = (message: string): void => {
    options.onViolation(nodeId, message);
    close(message);
  };
  const alarmAtClaims = (raw: unknown): void => {
    const [claim] = claimsIn(raw);
    if (claim) options.onViolation(nodeId, `It claims "${claim}", which is not its to give.`);
  };
  const helloDeadline = setTimeout(() => close('No hello came within 10 s.'), HELLO_WITHIN_MS);

  const open = async (hello: Hello): Promise<Answer> => {
    if (hello.clusterId !== options.clusterId) return incompatible('wrong-cluster');
    const version = negotiate(hello.protocol);
    if (!version.ok) return incompatible(version.reason);
    const now = Date.now();
    const clockSkewMs = Date.parse(hello.clock) - now;
    const opening = {
      nodeId,
      serverId: options.serverId,
      facts: hello.facts,
      hostAddress: hostAddressOf(remoteAddress, hello.facts),
      clockSkewMs,
      lastDisconnect: hello.lastDisconnect?.reason,
    };
    const opened = await options.openingTurns(() =>
      database.guard(() => database.transaction((tx) => openConnection(tx, opening))),
    );
    if (!opened) return incompatible('revoked');
    if (socket.disconnected) return refusal('closed', 'The connection ended.', 0);
    session = {
      nodeId,
      connectionId: randomUUID(),
      certificateExpires: identity.expires,
      instanceId: hello.instanceId,
      connectedAt: new Date(now),
      toldServers: '',
      heardAt: performance.now(),
      leavingUntil: 0,
      pressure: undefined,
      clockSkewMs,
      has: hello.have,
      networkIds: new Set(),
      complete: false,
      unwanted: new Set(),
      settled: false,
      quiet: false,
      stored: Promise.resolve(),
      closed: false,
      answers: createAnswerParts(),
      ask: (event, payload, timeoutMs) => socket.timeout(timeoutMs).emitWithAck(event, payload),
      close,
    };
    sessions.add(session);
    const servers = await options.servers();
    session.toldServers = servers.join(' ');
    return {
      ok: true,
      protocol: version.version,
      serverId: options.serverId,
      servers,
      beatMs: timing.beatMs,
      leaseMs: timing.leaseMs,
      order: { epoch: opened.epoch, generation: opened.generation },
      caCertificates: options.caCertificates,
      clock: new Date().toISOString(),
      reportsInParts: true,
    };
  };

  const onHello = async (raw: unknown, ack: Ack): Promise<void> => {
    clearTimeout(helloDeadline);
    const hello = Hello.safeParse(raw);
    if (!hello.success) {
      ack(refusal('request.invalid', `The hello cannot be read: ${hello.error.issues[0]?.message}.`, 30_000));
      return close('Its hello could not be read.');
    }
    if (hello.data.nodeId !== nodeId) {
      ack(incompatible('wrong-node'));
      return violate(incompatibilitySentence('wrong-node'));
    }
    alarmAtClaims(raw);
    const answer = await open(hello.data).catch((error: unknown): Answer => {
      const message = error instanceof Error ? error.message : String(error);
      return refusal('unavailable', message, RETRY_MS + Math.round(Math.random() * RETRY_MS));
    });
    ack(answer);
    if (!answer.ok) return close(answer.message);
    log.info({ nodeId }, 'agent connected');
    if (session) options.onWelcome(session);
  };

  const onBeat = (current: AgentSession, raw: unknown, ack: Ack): void => {
    options.onBeat();
    const beat = Beat.safeParse(raw);
    if (beat.success) {
      current.clockSkewMs = Date.parse(beat.data.clock) - Date.now();
      current.pressure = beat.data.pressure ?? current.pressure;
    }
    const servers = options.knownServers();
    const news = servers.length > 0 && servers.join(' ') !== current.toldServers;
    if (news) current.toldServers = servers.join(' ');
    ack({
      clock: new Date().toISOString(),
      beatMs: timing.beatMs,
      leaseMs: timing.leaseMs,
      ...(news && { servers }),
    });
  };

  const onReport = async (current: AgentSession, raw: unknown, ack: Ack): Promise<void> => {
    const read = readReport(raw);
    if (!read) return violate('It sent something as a report that is none.');
    const { report, dropped } = read;
    const { sequence, complete } = report;
    if (dropped > 0) log.error({ nodeId, dropped }, 'parts of a report cannot be read and were dropped');
    try {
      const stored = await options.reportTurns(() =>
        database.guard(() =>
          database.transaction((tx) =>
            storeReport(tx, nodeId, report, current.clockSkewMs, current.unwanted.size > 0),
          ),
        ),
      );
      if (stored.foreign.length > 0)
        return violate(`It reported the task ${stored.foreign[0]} of another node.`);
      ack({ stored: true, sequence });
      current.complete ||= complete;
      for (const task of report.tasks) current.unwanted.delete(task.taskId);
      for (const id of stored.unwanted) current.unwanted.add(id);
      options.onReport(current);
    } catch (error) {
      log.warn({ nodeId, err: error }, 'a report was not stored');
      ack({ stored: false, sequence, retryAfterMs: RETRY_MS });
    }
  };

  const onLeaving = async (current: AgentSession, raw: unknown, ack: Ack): Promise<void> => {
    const leaving = Leaving.safeParse(raw);
    if (!leaving.success) return ack({ stored: false });
    const backWithin = Math.min(leaving.data.backWithinMs, timing.longestAbsenceMs);
    current.leavingUntil = Date.now() + backWithin;
    reason ||= `The agent said it goes: ${leaving.data.reason}.`;
    const until = new Date(current.leavingUntil);
    const stored = await database
      .transaction((tx) => storeLeaving(tx, nodeId, until))
      .then(
        () => true,
        () => false,
      );
    ack({ stored });
  };

  const onFacts = async (raw: unknown, ack: Ack): Promise<void> => {
    const facts = NodeFacts.safeParse(raw);
    alarmAtClaims(raw);
    if (!facts.success) return ack({ stored: false });
    const stored = await database
      .transaction((tx) => storeFacts(tx, nodeId, facts.data))
      .then(
        () => true,
        () => false,
      );
    ack({ stored });
  };

  const handle = async (event: string, raw: unknown, ack: Ack): Promise<void> => {
    if (event === 'hello') {
      if (begun) return violate('A second hello came on the same connection.');
      begun = true;
      return onHello(raw, ack);
    }
    if (!session) return violate(`The message "${event}" came before the answer to hello.`);
    session.heardAt = performance.now();
    if (event === 'beat') return onBeat(session, raw, ack);
    if (event === 'report') return onReport(session, raw, ack);
    if (event === 'leaving') return onLeaving(session, raw, ack);
    if (event === 'facts') return onFacts(raw, ack);
    if (event === 'answer') return ack({ stored: session.answers.take(raw) });
  };

  socket.onAny((event: string, raw: unknown, ack?: unknown) => {
    const answer: Ack = typeof ack === 'function' ? (value) => ack(value) : () => undefined;
    handle(event, storable(raw), answer).catch((error: unknown) =>
      log.error({ nodeId, err: error }, 'agent message failed'),
    );
  });
  socket.on('disconnect', (why) => {
    clearTimeout(helloDeadline);
    if (!session) return;
    const ended = session;
    ended.closed = true;
    const present = sessions.remove(ended);
    log.info({ nodeId, reason: reason || why }, 'agent disconnected');
    if (!present) return;
    const closing = {
      nodeId,
      serverId: options.serverId,
      reason: reason || closedInWords(why),
      silentMs: Math.round(performance.now() - ended.heardAt),
      silenceMs: timing.silenceMs,
      skewMs: ended.clockSkewMs,
    };
    ended.stored = database
      .transaction((tx) => closeConnection(tx, closing))
      .catch((error: unknown) => log.warn({ nodeId, err: error }, 'the end of a connection was not stored'));
  });
};
