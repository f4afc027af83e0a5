import { EventEmitter } from 'node:events';
import type { Socket } from 'socket.io';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBulkDoor } from './bulk-door.ts';

const NODE = uuid();
const OTHER = uuid();

/** The server's end of a connection, as far as the door knows one. */
const knock = (nodeId: string, hello: object): { let: boolean } => {
  const came = { let: false };
  let ended = false;
  const disconnect = () => {
    ended = true;
  };
  const socket = Object.assign(new EventEmitter(), { disconnect });
  door.serve(socket as unknown as Socket, { nodeId, serial: '1', expires: new Date() }, (message) =>
    violations.push(message),
  );
  socket.emit('hello', hello, () => {
    came.let = true;
  });
  expect(ended).toBe(!came.let);
  return came;
};
let door: ReturnType<typeof createBulkDoor>;
let opened: number;
let lost: string[];
let violations: string[];
let streamId: string;
const ticket = (): string => {
  streamId = uuid();
  return door.expect(streamId, NODE, {
    onOpen: () => {
      opened += 1;
    },
    onData: () => undefined,
    onEnd: () => undefined,
    onLost: (reason) => void lost.push(reason),
  }).token;
};

describe('the ticket of a stream', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    door = createBulkDoor();
    opened = 0;
    lost = [];
    violations = [];
  });
  afterEach(() => void vi.useRealTimers());

  it('S-11 opens its stream once', () => {
    const token = ticket();
    expect(knock(NODE, { streamId, token, nodeId: NODE }).let).toBe(true);
    expect(knock(NODE, { streamId, token, nodeId: NODE }).let).toBe(false);
    expect(opened).toBe(1);
  });

  it('S-11 is no longer good after thirty seconds', () => {
    const token = ticket();
    vi.advanceTimersByTime(30_000);
    expect(knock(NODE, { streamId, token, nodeId: NODE }).let).toBe(false);
    expect({ opened, lost }).toEqual({ opened: 0, lost: ['The agent did not come with the stream.'] });
  });

  it('S-11 is still good just before', () => {
    const token = ticket();
    vi.advanceTimersByTime(29_000);
    expect(knock(NODE, { streamId, token, nodeId: NODE }).let).toBe(true);
  });

  it('S-29 S-11 opens nothing for another host, in another name, or for another stream', () => {
    const token = ticket();
    for (const [nodeId, hello] of [
      [OTHER, { streamId, token, nodeId: OTHER }],
      [OTHER, { streamId, token, nodeId: NODE }],
      [NODE, { streamId, token, nodeId: OTHER }],
      [NODE, { streamId: uuid(), token, nodeId: NODE }],
      [NODE, { token, nodeId: NODE }],
    ] as const)
      expect(knock(nodeId, hello).let).toBe(false);
    expect(violations).toHaveLength(3);
    expect(knock(NODE, { streamId, token, nodeId: NODE }).let).toBe(true);
  });

  it('S-11 is tried once: a wrong one uses it up', () => {
    const token = ticket();
    expect(knock(NODE, { streamId, token: `${token}x`, nodeId: NODE }).let).toBe(false);
    expect(knock(NODE, { streamId, token, nodeId: NODE }).let).toBe(false);
  });
});
