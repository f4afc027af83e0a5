import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import type { Answer, DecodedPacket, RecordType } from 'dns-packet';
import { decode, encode, streamDecode, streamEncode } from 'dns-packet';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { log } from '../log.ts';
import { listen } from './listener.ts';
import { type NamesService, startNamesService } from './service.ts';
import type { NamesTable } from './table.ts';

/** Loopback has addresses enough for gateways and askers of their own. */
const GATEWAY = '127.9.0.1';
const BACK_GATEWAY = '127.9.4.1';
const ASKER = '127.9.0.10';
const INNER = '127.9.4.11';
const STRANGER = '127.9.0.99';
const QUESTION = 4_242;

const members = (count: number, ready = true) =>
  Array.from({ length: count }, (_, index) => ({
    taskId: `web-${index}`,
    address: `127.9.1.${index + 1}`,
    names: ['web', 'web.shop', 'www'],
    ready,
  }));

const table = (webs = members(3)): NamesTable => ({
  networks: [
    {
      networkId: 'front',
      gateway: GATEWAY,
      subnet: '127.9.0.0/22',
      internal: false,
      members: [
        ...webs,
        { taskId: 'sick', address: '127.9.2.1', names: ['sick', 'sick.shop'], ready: false },
        { taskId: 'asker', address: ASKER, names: ['asker', 'asker.shop'], ready: true },
      ],
    },
    {
      networkId: 'back',
      gateway: BACK_GATEWAY,
      subnet: '127.9.4.0/22',
      internal: true,
      members: [{ taskId: 'db', address: '127.9.4.20', names: ['db', 'db.shop'], ready: true }],
    },
  ],
  askers: [
    {
      taskId: 'asker',
      ends: [
        { networkId: 'front', address: ASKER },
        { networkId: 'back', address: '127.9.4.10' },
      ],
      servers: [],
    },
    { taskId: 'inner', ends: [{ networkId: 'back', address: INNER }], servers: [] },
  ],
});

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const open = async (given: NamesTable, upstream?: number): Promise<NamesService> => {
  const service = startNamesService({
    log,
    port: 5_399,
    servers: async () => (upstream === undefined ? [] : [{ address: '127.0.0.1', port: upstream }]),
  });
  ends.push(service.stop);
  await service.use(given);
  return service;
};

type Ask = { from?: string; to?: string; type?: RecordType; size?: number };
const query = (name: string, { type = 'A', size }: Ask): Buffer =>
  encode({
    type: 'query',
    id: QUESTION,
    flags: 0x0100,
    questions: [{ type, name }],
    additionals: size === undefined ? [] : [opt(size)],
  });
const opt = (udpPayloadSize: number) =>
  ({ type: 'OPT', name: '.', udpPayloadSize, flags: 0, options: [] }) as unknown as Answer;

const sendAndHear = (bytes: Buffer, { from = ASKER, to = GATEWAY }: Ask): Promise<DecodedPacket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => reject(new Error('no answer')), 3_000);
    socket.on('message', (reply) => {
      clearTimeout(timer);
      socket.close();
      resolve(decode(reply));
    });
    socket.bind(0, from, () => socket.send(bytes, 5_399, to));
  });
/** What comes back until the last, a real question, is answered: one asker's are answered in their order. */
const hearAll = (messages: Buffer[]): Promise<DecodedPacket[]> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const replies: DecodedPacket[] = [];
    const timer = setTimeout(() => reject(new Error('the question was not answered')), 3_000);
    ends.push(
      () => clearTimeout(timer),
      () => socket.close(),
    );
    socket.on('message', (reply) => {
      replies.push(decode(reply));
      if (replies.at(-1)?.id === QUESTION) resolve(replies);
    });
    socket.bind(0, ASKER, () => {
      for (const bytes of messages) socket.send(bytes, 5_399, GATEWAY);
    });
  });
const ask = (name: string, how: Ask = {}): Promise<DecodedPacket> => sendAndHear(query(name, how), how);
const addresses = (packet: DecodedPacket): string[] =>
  (packet.answers ?? []).map((one) => String('data' in one ? one.data : ''));
const rcode = (packet: DecodedPacket): string => String((packet as unknown as { rcode: string }).rcode);

/** A server for other names that says 192.0.2.7 to everything, and remembers what it was asked. */
const world = async (): Promise<{ port: number; asked: string[] }> => {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const packet = decode(bytes);
    const name = packet.questions?.[0]?.name ?? '';
    asked.push(name);
    const reply = encode({
      type: 'response',
      id: packet.id,
      questions: packet.questions,
      answers: [{ type: 'A', name, ttl: 60, data: '192.0.2.7' }],
    });
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  ends.push(() => socket.close());
  return { port: socket.address().port, asked };
};

describe('a name of ours', () => {
  test.each(['web', 'web.shop', 'www', 'WEB.Shop'])('is every ready task, asked as %s', async (name) => {
    await open(table());
    const reply = await ask(name);
    expect(addresses(reply).sort()).toEqual(['127.9.1.1', '127.9.1.2', '127.9.1.3']);
    expect(reply.answers?.every((one) => 'ttl' in one && one.ttl === 1)).toBe(true);
  });

  test('comes in another order each time, so that the first one is not always the same', async () => {
    await open(table());
    const firsts = new Set<string | undefined>();
    for (let round = 0; round < 60 && firsts.size < 3; round += 1) firsts.add(addresses(await ask('web'))[0]);
    expect(firsts.size).toBe(3);
  });

  test('without a ready task exists and has no address', async () => {
    await open(table());
    const reply = await ask('sick');
    expect([rcode(reply), addresses(reply)]).toEqual(['NOERROR', []]);
  });

  test('has no IPv6 address, and says so itself', async () => {
    const { port, asked } = await world();
    await open(table(), port);
    expect([rcode(await ask('web', { type: 'AAAA' })), asked]).toEqual(['NOERROR', []]);
  });

  test('is found in the other network of a task with two, by way of the first', async () => {
    await open(table());
    expect(addresses(await ask('db'))).toEqual(['127.9.4.20']);
  });

  test('is not told to who shares no network with it', async () => {
    await open(table());
    expect(rcode(await ask('web', { from: INNER, to: BACK_GATEWAY }))).toBe('NXDOMAIN');
  });

  test('changes with the next table', async () => {
    const service = await open(table());
    await service.use(table(members(1)));
    expect(addresses(await ask('web'))).toEqual(['127.9.1.1']);
  });

  test('is told for an address too', async () => {
    await open(table());
    expect(addresses(await ask('20.4.9.127.in-addr.arpa', { type: 'PTR' }))).toEqual(['db.shop']);
    expect(rcode(await ask('77.4.9.127.in-addr.arpa', { type: 'PTR' }))).toBe('NXDOMAIN');
  });
});

describe('a service of many tasks', () => {
  test('is as many as fit by UDP, and all of them by TCP', async () => {
    await open(table(members(200)));
    const plain = await ask('web');
    const roomy = await ask('web', { size: 1_232 });
    expect([plain.flag_tc, addresses(plain).length, addresses(roomy).length]).toEqual([false, 25, 63]);
    expect(encode(roomy).length).toBeLessThanOrEqual(1_232);
    expect(addresses(await askByTcp('web')).length).toBe(200);
  });
});

const askByTcp = (name: string): Promise<DecodedPacket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: GATEWAY, port: 5_399, localAddress: ASKER });
    let received = Buffer.alloc(0);
    socket.once('error', reject);
    socket.once('connect', () =>
      socket.write(streamEncode({ type: 'query', id: 7, flags: 0x0100, questions: [{ type: 'A', name }] })),
    );
    socket.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      socket.destroy();
      resolve(streamDecode(received) as DecodedPacket);
    });
  });

describe('other names', () => {
  test('are asked of the host’s servers, and the asker gets its own id back', async () => {
    const { port, asked } = await world();
    await open(table(), port);
    const reply = await ask('example.org');
    expect([reply.id, addresses(reply), asked]).toEqual([4_242, ['192.0.2.7'], ['example.org']]);
  });

  test('are asked of nobody for a container of internal networks alone', async () => {
    const { port, asked } = await world();
    await open(table(), port);
    expect(rcode(await ask('example.org', { from: INNER, to: BACK_GATEWAY }))).toBe('NXDOMAIN');
    expect(asked).toEqual([]);
  });

  test('fail in words when nobody can be asked', async () => {
    await open(table());
    expect(rcode(await ask('example.org'))).toBe('SERVFAIL');
  });
});

describe('nothing is told', () => {
  test('to who is no container of this host', async () => {
    await open(table());
    expect(rcode(await ask('web', { from: STRANGER }))).toBe('REFUSED');
    expect(rcode(await ask('web', { from: ASKER, to: BACK_GATEWAY }))).toBe('REFUSED');
  });

  test('to what is no question, and the next question is answered', async () => {
    await open(table());
    const nonsense = [
      Buffer.from('nonsense'),
      Buffer.alloc(0),
      Buffer.alloc(12, 0xff),
      Buffer.alloc(4_000, 0xc0),
    ];
    const replies = await hearAll([...nonsense, query('web', {})]);
    expect(addresses(replies.at(-1) as DecodedPacket).length).toBe(3);
    for (const reply of replies.slice(0, -1)) expect(rcode(reply)).toMatch(/FORMERR|NOTIMP/);
  });

  test('on an address that is no gateway any more', async () => {
    const service = await open(table());
    const [front] = table().networks;
    await service.use({ networks: front ? [front] : [], askers: table().askers });
    expect(service.bound().map((one) => one.address)).toEqual([GATEWAY]);
  });
});

describe('gateways that are not there yet, as after a reboot before the engine', () => {
  const missing = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];

  test('are tried again by one timer, however many they are', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    ends.push(() => vi.useRealTimers());
    const networks = missing.map((gateway, index) => ({
      ...{ networkId: `missing-${index}`, gateway, subnet: '203.0.113.0/24', internal: false, members: [] },
    }));
    const service = await open({ networks: [...table().networks, ...networks], askers: table().askers });
    expect(service.bound().map((one) => one.address)).toEqual([GATEWAY, BACK_GATEWAY]);
    expect(vi.getTimerCount()).toBe(1);
  });

  test('leave no socket behind', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const tries = () =>
      Promise.allSettled(missing.map((address) => listen(address, 5_399, async () => undefined)));
    await tries();
    const before = descriptors();
    for (let round = 0; round < 10; round += 1) await tries();
    expect(descriptors()).toBeLessThan(before + 10);
  });
});
