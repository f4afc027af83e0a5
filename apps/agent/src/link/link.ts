import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Identity } from '../state/identity.ts';
import { steadyNow } from '../steady.ts';
import { NotWelcome, openSession, type Session, type SessionHandlers } from './session.ts';
import { failuresAfter, GIVE_UP_MS, redialDelay } from './timing.ts';

export type LinkOptions = {
  identity(): Identity;
  handlers: SessionHandlers;
  onOpen(session: Session, server: string): void;
  onClosed(reason: string): void;
  /** Nothing answered for `giveUpMs`. */
  onHopeless(): void;
  /** Ten minutes, where nothing else is said. */
  giveUpMs?: number;
  log: Log;
};

export type Link = {
  session(): Session | undefined;
  /** How often a connection has stood again after one had ended. */
  reconnects(): number;
  /** Ends the present connection and dials anew at once, for instance with a renewed certificate. */
  redial(reason: string): void;
  stop(): Promise<void>;
};

/** Keeps one connection to one of the servers, for ever: the agent dials, in turn, with growing jittered waits (SPEC.md, L2, L3). */
export const startLink = (options: LinkOptions): Link => {
  const stopping = new AbortController();
  let session: Session | undefined;
  let lastUp = steadyNow();
  let failures = 0;
  let opened = 0;
  let turn = 0;
  let wait = 0;

  const attempt = async (): Promise<void> => {
    const servers = options.identity().servers;
    const server = servers[turn % servers.length] as string;
    try {
      session = await openSession(server, options.identity(), options.handlers);
      if (stopping.signal.aborted) session.close('the agent stops');
      opened += 1;
      const since = performance.now();
      lastUp = steadyNow();
      options.log.info({ server }, 'connected');
      options.onOpen(session, server);
      const reason = await session.ended;
      session = undefined;
      lastUp = steadyNow();
      options.log.warn({ server, reason }, 'disconnected');
      options.onClosed(reason);
      failures = failuresAfter(failures, performance.now() - since);
      wait = redialDelay(failures, Math.random());
    } catch (error) {
      // One that stood and could not be used is nobody's any more: it must not keep the watchdog quiet.
      session?.close(messageOf(error));
      session = undefined;
      failures += 1;
      turn += 1;
      wait = redialDelay(failures, Math.random());
      if (error instanceof NotWelcome) wait = Math.max(wait, error.retryAfterMs);
      options.log.warn({ server, reason: messageOf(error), waitMs: wait }, 'no connection');
      options.onClosed(`${server}: ${messageOf(error)}`);
    }
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await attempt();
      await pause(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const { giveUpMs = GIVE_UP_MS } = options;
  const watchdog = setInterval(() => {
    if (session === undefined && steadyNow() - lastUp > giveUpMs) options.onHopeless();
  }, giveUpMs / 60);
  const done = loop();

  return {
    session: () => session,
    reconnects: () => Math.max(0, opened - 1),
    redial: (reason) => session?.close(reason),
    stop: async () => {
      clearInterval(watchdog);
      stopping.abort();
      session?.close('the agent stops');
      await done;
    },
  };
};
