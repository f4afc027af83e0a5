import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

const MOST_CONNECTIONS = 64;
const IDLE_MS = 5_000;
const MOST_QUERY = 4_096;

export type Handle = (query: {
  source: string;
  transport: 'udp' | 'tcp';
  bytes: Buffer;
}) => Promise<Buffer | undefined>;
export type Listener = { port: number; close(): void };

/** Reads length-prefixed questions and answers each in its turn. */
const serve = (socket: Socket, handle: Handle): void => {
  const source = socket.remoteAddress ?? '';
  let received = Buffer.alloc(0);
  let turn = Promise.resolve();
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (part: Buffer) => {
    received = Buffer.concat([received, part]);
    while (received.length >= 2) {
      const length = received.readUInt16BE(0);
      if (length > MOST_QUERY) return socket.destroy();
      if (received.length < 2 + length) return undefined;
      const bytes = received.subarray(2, 2 + length);
      received = received.subarray(2 + length);
      turn = turn.then(async () => {
        const reply = await handle({ source, transport: 'tcp', bytes });
        if (!reply || socket.destroyed) return;
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(reply.length, 0);
        socket.write(Buffer.concat([prefix, reply]));
      });
    }
    return undefined;
  });
};

/** Listens on one address by UDP and TCP; throws when the address is not there or the port is taken. */
export const listen = async (address: string, port: number, handle: Handle): Promise<Listener> => {
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    if (bytes.length > MOST_QUERY) return;
    handle({ source: from.address, transport: 'udp', bytes })
      .then((reply) => reply && udp.send(reply, from.port, from.address, () => undefined))
      // The asker is gone, or the network is: nobody waits for the answer.
      .catch(() => undefined);
  });
  const tcp = createServer((socket) => serve(socket, handle));
  tcp.maxConnections = MOST_CONNECTIONS;
  try {
    const bound = once(udp, 'listening');
    udp.bind({ port, address, exclusive: true });
    await bound;
    const listening = once(tcp, 'listening');
    tcp.listen({ port: udp.address().port, host: address, exclusive: true });
    await listening;
  } catch (error) {
    // A socket that could not be bound is still one: left open, trying again and again takes every descriptor there is.
    udp.close();
    throw error;
  }
  for (const server of [udp, tcp]) server.on('error', () => undefined);
  return {
    port: udp.address().port,
    close: () => {
      udp.close();
      tcp.close();
    },
  };
};
