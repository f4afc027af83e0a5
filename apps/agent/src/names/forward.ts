import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';

const SERVER_MS = 1_500;
const MOST_SERVERS = 3;
const MOST_ANSWER = 65_535;

export type Upstream = { address: string; port: number };

const withId = (bytes: Buffer, id: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(id, 0);
  return copy;
};

/** The question as it was sent, without the id: an answer to something else is no answer. */
const sameQuestion = (query: Buffer, reply: Buffer, id: number): boolean =>
  reply.length >= 12 &&
  reply.readUInt16BE(0) === id &&
  (reply.readUInt16BE(2) & 0x8000) !== 0 &&
  reply.readUInt16BE(4) === query.readUInt16BE(4);

/** A fresh socket and id for each question, so that nobody off the path can guess them. */
const byUdp = (query: Buffer, server: Upstream): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const id = randomInt(65_536);
    const socket = createSocket(isIP(server.address) === 6 ? 'udp6' : 'udp4');
    const timer = setTimeout(() => done(new Error('no answer')), SERVER_MS);
    const done = (error: Error | undefined, reply?: Buffer): void => {
      clearTimeout(timer);
      socket.close();
      if (reply) resolve(reply);
      else reject(error);
    };
    socket.once('error', (error) => done(error));
    socket.on('message', (reply) => {
      if (sameQuestion(query, reply, id)) done(undefined, reply);
    });
    // Connected: the kernel drops what others send, and says at once when nobody listens there.
    socket.connect(server.port, server.address, () => socket.send(withId(query, id)));
  });

const byTcp = (query: Buffer, server: Upstream): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const id = randomInt(65_536);
    const socket = connect({ host: server.address, port: server.port });
    let received = Buffer.alloc(0);
    socket.setTimeout(SERVER_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
    socket.once('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length, 0);
      socket.write(Buffer.concat([length, withId(query, id)]));
    });
    socket.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part]);
      if (received.length > MOST_ANSWER + 2) return socket.destroy(new Error('too much'));
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return undefined;
      const reply = received.subarray(2, 2 + received.readUInt16BE(0));
      if (sameQuestion(query, reply, id)) resolve(reply);
      return socket.destroy();
    });
  });

/** Asks the servers one after the other, as the question came; the answer carries the asker's id. Throws when none answers. */
export const forward = async (
  query: Buffer,
  servers: readonly Upstream[],
  transport: 'udp' | 'tcp',
): Promise<Buffer> => {
  const ask = transport === 'udp' ? byUdp : byTcp;
  for (const server of servers.slice(0, MOST_SERVERS)) {
    const reply = await ask(query, server).catch(() => undefined);
    if (reply) return withId(reply, query.readUInt16BE(0));
  }
  throw new Error('no server for other names answered');
};
