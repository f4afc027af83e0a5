import {
  BulkCredit,
  type BulkData,
  type BulkHello,
  bulkCost,
  INITIAL_CREDIT,
  TerminalInput,
  TerminalResize,
} from '@portreeve/agent-protocol';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import { serverAgent } from '../link/tls.ts';
import type { Identity } from '../state/identity.ts';

const HANDSHAKE_MS = 10_000;

/** One log or terminal on its way to the server that asked. Sending waits for credit (SPEC.md, B2). */
export type BulkChannel = {
  send(data: Pick<BulkData, 'lines' | 'bytes'>): Promise<void>;
  end(reason: string, exitCode?: number): void;
  close(reason: string): void;
  onInput(take: (bytes: Uint8Array) => void): void;
  onResize(take: (size: TerminalResize) => void): void;
  /** Aborted when the server, or its connection, is gone. */
  closed: AbortSignal;
};

/** How much a person may type before the process in the terminal is there. */
const MAX_EARLY = 1_000;

/** Messages of one kind; those that come before anybody takes them are kept, so that no keystroke is lost. */
const keptUntilTaken = <T>(socket: Socket, event: string, schema: z.ZodType<T>) => {
  const early: T[] = [];
  let take: ((message: T) => void) | undefined;
  socket.on(event, (raw: unknown) => {
    const message = schema.safeParse(raw);
    if (!message.success) return;
    if (take) take(message.data);
    else if (early.length < MAX_EARLY) early.push(message.data);
  });
  return (next: (message: T) => void): void => {
    take = next;
    for (const message of early.splice(0)) next(message);
  };
};

/** Dials the server that asked, with the token it gave (SPEC.md, B1). */
export const openBulk = async (url: string, identity: Identity, hello: BulkHello): Promise<BulkChannel> => {
  const socket = io(`${url.replace(/\/+$/, '')}/bulk`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    timeout: HANDSHAKE_MS,
    agent: serverAgent(identity) as unknown as string,
  });
  const onInput = keptUntilTaken(socket, 'input', TerminalInput);
  const onResize = keptUntilTaken(socket, 'resize', TerminalResize);
  const closed = new AbortController();
  let credit = INITIAL_CREDIT;
  let sequence = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const ready = waiting;
    waiting = [];
    for (const go of ready) go();
  };
  socket.on('credit', (raw: unknown) => {
    const granted = BulkCredit.safeParse(raw);
    if (granted.success) credit += granted.data.bytes;
    wake();
  });
  const over = (reason: string) => () => {
    closed.abort(new Error(reason));
    socket.close();
    wake();
  };
  socket.once('disconnect', over('the server closed the stream'));
  const deadline = setTimeout(over('the server did not answer'), HANDSHAKE_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', (error) => {
        over(error.message)();
        reject(error);
      });
      closed.signal.addEventListener('abort', () => reject(closed.signal.reason), { once: true });
    });
    await socket.timeout(HANDSHAKE_MS).emitWithAck('hello', hello);
  } catch (error) {
    over('the stream could not be opened')();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
  return {
    closed: closed.signal,
    send: async (data) => {
      const cost = bulkCost(data);
      while (credit < cost && !closed.signal.aborted)
        await new Promise<void>((resolve) => waiting.push(resolve));
      closed.signal.throwIfAborted();
      credit -= cost;
      sequence += 1;
      socket.emit('data', { sequence, ...data });
    },
    end: (reason, exitCode) => {
      if (closed.signal.aborted) return;
      socket.emit('end', { reason, exitCode });
      // The server hangs up when it has read all; this is for one that does not.
      setTimeout(over('the stream has ended'), HANDSHAKE_MS).unref();
    },
    close: (reason) => over(reason)(),
    onInput: (take) => onInput(({ bytes }) => take(bytes)),
    onResize,
  };
};
