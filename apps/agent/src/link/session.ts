import {
  BeatAnswer,
  type BeatAnswer as BeatAnswerType,
  closedInWords,
  type DesiredAnswer,
  DesiredPart,
  type Hello,
  Readiness,
  Request,
  type RequestAnswer,
  Welcome,
} from '@portreeve/agent-protocol';
import type { NodePressure } from '@portreeve/domain';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { Identity } from '../state/identity.ts';
import { steadyNow } from '../steady.ts';
import { provenAnchors } from './anchors.ts';
import { giveAnswer } from './give-answer.ts';
import { jittered, SILENT_INTERVALS } from './timing.ts';
import { serverAgent } from './tls.ts';

const HANDSHAKE_MS = 10_000;
const SEND_MS = 15_000;

export type Greeting = Extract<z.infer<typeof Welcome>, { ok: true }>;

/** What a connection needs from the rest of the agent. */
export type SessionHandlers = {
  hello(): Hello;
  pressure(): NodePressure | undefined;
  onDesired(part: DesiredPart): Promise<DesiredAnswer>;
  onReadiness(readiness: Readiness): void;
  onRequest(request: Request): Promise<RequestAnswer>;
  onRevoked(): void;
  onSkew(ms: number): void;
  /** Servers came or went while the connection stood. */
  onServers(servers: readonly string[]): void;
};

/** A live connection that was welcomed. */
export type Session = {
  greeting: Greeting;
  /** Sends and waits for the server's acknowledgement; fails after 15 s or when the connection ends. */
  send(event: 'report' | 'leaving' | 'facts', payload: unknown): Promise<unknown>;
  close(reason: string): void;
  /** Why it ended, in words. */
  ended: Promise<string>;
};

/** The server does not want this agent now; `retryAfterMs` says when to ask again. */
export class NotWelcome extends Error {
  readonly reason: string;
  readonly retryAfterMs: number;
  constructor(reason: string, message: string, retryAfterMs: number) {
    super(message);
    this.name = 'NotWelcome';
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

const connect = (server: string, identity: Identity): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = io(`${server}/agent`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      timeout: HANDSHAKE_MS,
      // engine.io-client takes the options of `ws`, which takes an agent of Node's.
      agent: serverAgent(identity) as unknown as string,
    });
    const deadline = setTimeout(() => fail(new Error('no connection within 10 s')), HANDSHAKE_MS);
    const fail = (error: Error): void => {
      clearTimeout(deadline);
      socket.close();
      // The transport's own error says why; "websocket error" alone says nothing.
      const cause = (error as { description?: { message?: string } }).description?.message;
      reject(new Error(cause ?? error.message));
    };
    socket.once('connect_error', fail);
    socket.once('connect', () => {
      clearTimeout(deadline);
      socket.off('connect_error', fail);
      resolve(socket);
    });
  });

const listen = (socket: Socket, handlers: SessionHandlers, serverTime: () => number): void => {
  socket.on('desired', async (raw: unknown, answer?: (reply: DesiredAnswer) => void) => {
    const part = DesiredPart.safeParse(raw);
    if (!part.success)
      return answer?.({ accepted: false, reason: `it cannot be read: ${part.error.message}` });
    const reply = await handlers
      .onDesired(part.data)
      .catch((error: unknown): DesiredAnswer => ({ accepted: false, reason: messageOf(error) }));
    answer?.(reply);
  });
  socket.on('request', async (raw: unknown, answer?: (reply: RequestAnswer) => void) => {
    const request = Request.safeParse(raw);
    if (!request.success)
      return answer?.({ ok: false, code: 'request.invalid', message: request.error.message });
    const reply = await handlers
      .onRequest(request.data)
      .catch((error: unknown): RequestAnswer => ({ ok: false, code: 'internal', message: messageOf(error) }));
    const given = await giveAnswer(request.data, reply, async (part) => {
      const taken: { stored?: boolean } = await socket.timeout(SEND_MS).emitWithAck('answer', part);
      return taken.stored === true;
    }).catch((error: unknown): RequestAnswer => ({ ok: false, code: 'internal', message: messageOf(error) }));
    // By the clock that the deadline was read from: a host whose own is ahead would never answer.
    if (serverTime() <= Date.parse(request.data.deadline)) answer?.(given);
  });
  socket.on('readiness', (raw: unknown, answer?: (reply: unknown) => void) => {
    const readiness = Readiness.safeParse(raw);
    if (readiness.success) handlers.onReadiness(readiness.data);
    answer?.({ stored: readiness.success });
  });
  socket.on('revoked', () => {
    handlers.onRevoked();
    socket.close();
  });
};

const beatForEver = (
  socket: Socket,
  handlers: SessionHandlers,
  first: BeatAnswerType,
  close: (reason: string) => void,
): (() => void) => {
  let beatMs = first.beatMs;
  let answeredAt = steadyNow();
  let sequence = 0;
  let timer: NodeJS.Timeout | undefined;

  const onAnswer = (sentAt: number, raw: unknown): void => {
    const answer = BeatAnswer.safeParse(raw);
    if (!answer.success) return;
    answeredAt = steadyNow();
    beatMs = answer.data.beatMs;
    if (answer.data.servers) handlers.onServers(answer.data.servers);
    handlers.onSkew(Math.round((sentAt + Date.now()) / 2 - Date.parse(answer.data.clock)));
  };
  const beat = (): void => {
    if (steadyNow() - answeredAt > SILENT_INTERVALS * beatMs) {
      close(`the server answered none of ${SILENT_INTERVALS} beats`);
      return;
    }
    const sentAt = Date.now();
    sequence += 1;
    const message = { sequence, clock: new Date(sentAt).toISOString(), pressure: handlers.pressure() };
    socket
      .timeout(SILENT_INTERVALS * beatMs)
      .emitWithAck('beat', message)
      .then((raw: unknown) => onAnswer(sentAt, raw))
      .catch(() => undefined);
    timer = setTimeout(beat, jittered(beatMs, Math.random()));
  };
  beat();
  return () => clearTimeout(timer);
};

/** Dials one server, says hello and keeps the connection alive until it ends. Throws when it never stood. */
export const openSession = async (
  server: string,
  identity: Identity,
  handlers: SessionHandlers,
): Promise<Session> => {
  const socket = await connect(server, identity);
  let reason: string | undefined;
  const close = (why: string): void => {
    reason ??= why;
    socket.close();
  };
  const ended = new Promise<string>((resolve) => {
    socket.once('disconnect', (why) => resolve(reason ?? closedInWords(why)));
  });
  let skewMs = 0;
  const onSkew = (ms: number): void => {
    skewMs = ms;
    handlers.onSkew(ms);
  };
  // Before hello: what the server sends right behind its answer must find ears.
  listen(socket, handlers, () => Date.now() - skewMs);
  try {
    const welcome = Welcome.parse(await socket.timeout(HANDSHAKE_MS).emitWithAck('hello', handlers.hello()));
    if (!welcome.ok) throw new NotWelcome(welcome.reason, welcome.message, welcome.retryAfterMs);
    onSkew(Date.now() - Date.parse(welcome.clock));
    const silence = beatForEver(socket, { ...handlers, onSkew }, welcome, close);
    ended.then(silence);
    const send: Session['send'] = (event, payload) => socket.timeout(SEND_MS).emitWithAck(event, payload);
    const caCertificates = provenAnchors(identity.caCertificates, welcome.caCertificates);
    return { greeting: { ...welcome, caCertificates }, send, close, ended };
  } catch (error) {
    close(messageOf(error));
    throw error;
  }
};
