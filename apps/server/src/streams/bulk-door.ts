import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BulkData, BulkEnd, BulkHello } from '@portreeve/agent-protocol';
import type { Socket } from 'socket.io';
import type { NodeIdentity } from '../agents/identify.ts';

/** What came of a stream's other end, as far as its opener cares. */
export type StreamHandlers = {
  onOpen(stream: AgentStream): void;
  onData(data: BulkData): void;
  /** The agent said that it is over. */
  onEnd(reason: string, exitCode?: number): void;
  /** The connection went, or never came: there may be more. */
  onLost(reason: string): void;
};
export type AgentStream = {
  /** Lets the agent send this much more (SPEC.md, B2). */
  grant(bytes: number): void;
  input(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  close(): void;
};

type Expected = { token: string; tokenHash: string };

/** Where agents dial in with a log or a terminal that this server asked for (SPEC.md, B1–B5). */
export type BulkDoor = {
  /** Makes the single-use token of a stream, good for a few seconds. */
  expect(streamId: string, nodeId: string, handlers: StreamHandlers): Expected;
  /** Nobody comes any more. */
  forget(streamId: string): void;
  /** `onViolation` is told when the agent asks for the stream of another host (SPEC.md, C1). */
  serve(socket: Socket, identity: NodeIdentity, onViolation: (message: string) => void): void;
};

const DIAL_WITHIN_MS = 30_000;
const HELLO_WITHIN_MS = 10_000;

type Awaited = { nodeId: string; hash: Buffer; handlers: StreamHandlers; timer: NodeJS.Timeout };

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export const createBulkDoor = (): BulkDoor => {
  const awaited = new Map<string, Awaited>();

  const forget = (streamId: string): void => {
    clearTimeout(awaited.get(streamId)?.timer);
    awaited.delete(streamId);
  };

  /** Takes the stream out of the list whatever comes of it: a token is tried once. */
  const admit = (
    raw: unknown,
    identity: NodeIdentity,
    onViolation: (message: string) => void,
  ): StreamHandlers | undefined => {
    const hello = BulkHello.safeParse(raw);
    if (!hello.success) return undefined;
    const { streamId, token, nodeId } = hello.data;
    const known = awaited.get(streamId);
    if (nodeId !== identity.nodeId || (known && known.nodeId !== identity.nodeId)) {
      onViolation('It asked for a stream of another node.');
      return undefined;
    }
    if (!known) return undefined;
    forget(streamId);
    return timingSafeEqual(hashOf(token), known.hash) ? known.handlers : undefined;
  };

  const carry = (socket: Socket, handlers: StreamHandlers): void => {
    let over = false;
    const finish = (tell: () => void): void => {
      if (over) return;
      over = true;
      tell();
      socket.disconnect(true);
    };
    socket.on('data', (raw: unknown) => {
      const data = BulkData.safeParse(raw);
      if (!data.success)
        return finish(() => handlers.onEnd('The agent sent something that is no part of a stream.'));
      if (!over) handlers.onData(data.data);
    });
    socket.on('end', (raw: unknown) => {
      const said = BulkEnd.safeParse(raw);
      finish(() =>
        handlers.onEnd(said.success ? said.data.reason : 'The agent ended it.', said.data?.exitCode),
      );
    });
    socket.on('disconnect', () => finish(() => handlers.onLost('The connection of the agent ended.')));
    handlers.onOpen({
      grant: (bytes) => socket.emit('credit', { bytes }),
      input: (bytes) => socket.emit('input', { bytes }),
      resize: (columns, rows) => socket.emit('resize', { columns, rows }),
      close: () => {
        over = true;
        socket.disconnect(true);
      },
    });
  };

  return {
    expect: (streamId, nodeId, handlers) => {
      const token = randomBytes(24).toString('base64url');
      const hash = hashOf(token);
      const timer = setTimeout(() => {
        awaited.delete(streamId);
        handlers.onLost('The agent did not come with the stream.');
      }, DIAL_WITHIN_MS);
      awaited.set(streamId, { nodeId, hash, handlers, timer });
      return { token, tokenHash: hash.toString('hex') };
    },
    forget,
    serve: (socket, identity, onViolation) => {
      const deadline = setTimeout(() => socket.disconnect(true), HELLO_WITHIN_MS);
      socket.once('disconnect', () => clearTimeout(deadline));
      socket.once('hello', (raw: unknown, ack: unknown) => {
        clearTimeout(deadline);
        const handlers = admit(raw, identity, onViolation);
        if (!handlers) return void socket.disconnect(true);
        if (typeof ack === 'function') ack({ ok: true });
        carry(socket, handlers);
      });
    },
  };
};
