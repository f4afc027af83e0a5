import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LiveNode } from '../agents/live-figures.ts';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { alertDelivery, alertDeriving, MOST_TRIES, nextTryMs } from './alerts.loop.ts';
import { channelContext } from './channels.store.ts';
import { diskAlarms } from './disk.loop.ts';
import { type Notice, sendNotice } from './send.ts';

const HOUR_MS = 3_600_000;
const SERVER = uuid();
const keys = createKeys(randomBytes(32));
const heard: string[] = [];
let last: { headers: IncomingHttpHeaders; text: string } | undefined;
let answer = 200;
let url = '';
let test: TestDatabase;
let listener: Server;

beforeAll(async () => {
  test = await createTestDatabase();
  const { prisma } = test.database;
  await prisma.cluster.create({ data: { id: uuid(), name: 'test', keyCheck: '' } });
  await prisma.project.create({ data: { id: uuid(), path: '/' } });
  listener = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { event, alert } = JSON.parse(text) as { event: string; alert: { kind: string } };
      heard.push(`${event} ${alert.kind}`);
      last = { headers: request.headers, text };
      response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
  const id = uuid();
  const target = { kind: 'webhook', url, allowPrivateAddress: true };
  const sealedTarget = keys.seal(JSON.stringify(target), channelContext(id));
  await prisma.alertChannel.create({
    data: { id, kind: 'webhook', name: 'pager', sealedTarget },
  });
});
afterAll(async () => {
  await new Promise((resolve) => listener.close(resolve));
  await test.drop();
});
beforeEach(() => {
  heard.length = 0;
  answer = 200;
});

const derive = () => alertDeriving(test.database).run(new Date());
const deliver = (now = new Date()) => alertDelivery(test.database, keys).run(now);
const addNode = async (name: string): Promise<string> => {
  const id = await createFakeAgents(test.database).addNode(name);
  await test.database.prisma.node.update({ where: { id }, data: { connectedTo: SERVER } });
  return id;
};
const remove = (id: string) =>
  test.database.prisma.node.update({ where: { id }, data: { state: 'removed', removedAt: new Date() } });

/** What the host says of its disks, in per cent that are used. */
const hearDisks = (id: string, used: Record<string, number>) => {
  const disks = Object.entries(used).map(([path, usedBytes]) => ({ path, usedBytes, totalBytes: 100 }));
  const live = (asked: string) =>
    asked === id ? ({ pressure: { disks } } as unknown as LiveNode) : undefined;
  return diskAlarms(test.database, live, SERVER).run(new Date());
};
const openDisks = async (id: string) =>
  (await test.database.prisma.alert.findMany({ where: { kind: 'disk', objectId: id, endedAt: null } })).map(
    ({ key, severity }) => `${key.split(':').at(-1)} ${severity}`,
  );

describe('a disk', () => {
  it('that is filling up is an alert until there is room again, and none rings at the edge', async () => {
    const id = await addNode('full');
    await hearDisks(id, { '/': 89, '/var': 95, '/data': 98 });
    expect((await openDisks(id)).toSorted()).toEqual(['/data critical', '/var warning']);
    await hearDisks(id, { '/': 89, '/var': 88, '/data': 88 });
    expect(await openDisks(id)).toHaveLength(2);
    await hearDisks(id, { '/': 89, '/var': 86, '/data': 86 });
    expect(await openDisks(id)).toEqual([]);
  });

  it('that is there no more is no alert, and neither is one of a node that was removed', async () => {
    const id = await addNode('leaving');
    await hearDisks(id, { '/': 95, '/media': 99 });
    await hearDisks(id, { '/': 95 });
    expect(await openDisks(id)).toEqual(['/ warning']);
    await remove(id);
    await derive();
    expect(await openDisks(id)).toEqual([]);
  });
});

describe('an alert', () => {
  it('is sent once when it opens and once when it ends', async () => {
    await derive();
    await deliver();
    heard.length = 0;
    const id = await addNode('gone');
    await test.database.prisma.node.update({ where: { id }, data: { state: 'lost', lostAt: new Date() } });
    for (let round = 0; round < 2; round += 1) {
      await derive();
      await deliver();
    }
    expect(heard).toEqual(['opened node-lost']);
    await remove(id);
    for (let round = 0; round < 2; round += 1) {
      await derive();
      await deliver();
    }
    expect(heard).toEqual(['opened node-lost', 'ended node-lost']);
  });

  it('that was not taken is sent again, ever later, for about a day', async () => {
    answer = 503;
    const id = await addNode('unheard');
    await test.database.prisma.node.update({ where: { id }, data: { state: 'lost', lostAt: new Date() } });
    await derive();
    let now = Date.now();
    const began = now;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await deliver(new Date(now));
      expect(heard).toHaveLength(tries + 1);
      now += nextTryMs(tries) + 1_000;
    }
    expect(now - began).toBeGreaterThan(22 * HOUR_MS);
    expect(now - began).toBeLessThan(26 * HOUR_MS);
    await deliver(new Date(now + HOUR_MS));
    expect(heard).toHaveLength(MOST_TRIES);
    expect(
      await test.database.prisma.alertDelivery.findFirst({ where: { tries: MOST_TRIES } }),
    ).toMatchObject({
      lastError: 'The webhook answered 503.',
    });
  });
});

describe('a webhook', () => {
  const notice: Notice = {
    ...{ cluster: 'main', event: 'opened' },
    alert: { id: '1', kind: 'disk', severity: 'warning', message: 'Full.', hint: '', since: '2026-01-01' },
  };
  const target = () => ({ kind: 'webhook' as const, url, allowPrivateAddress: true });

  it('with a secret is signed over the timestamp, a dot and the body; one without is not', async () => {
    await sendNotice({ ...target(), secret: 'of the pager' }, notice);
    const { 'x-portreeve-timestamp': timestamp, 'x-portreeve-signature': signature } = last?.headers ?? {};
    const expected = createHmac('sha256', 'of the pager').update(`${timestamp}.${last?.text}`).digest('hex');
    expect(signature).toBe(`sha256=${expected}`);
    expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(60);
    expect(JSON.parse(last?.text ?? '')).toEqual(notice);
    await sendNotice(target(), notice);
    expect(last?.headers).not.toHaveProperty('x-portreeve-signature');
  });

  it('that redirects was not told, and is not followed', async () => {
    answer = 302;
    await expect(sendNotice(target(), notice)).rejects.toThrow('The webhook answered 302.');
    expect(heard).toHaveLength(1);
  });
});

describe('two hosts that say the same address', () => {
  it('S-42 are an alert once they share a network, and none when one has gone', async () => {
    const { prisma } = test.database;
    const [one, other] = [await addNode('one'), await addNode('other')];
    await prisma.node.updateMany({ where: { id: { in: [one, other] } }, data: { hostAddress: '10.9.9.9' } });
    const alerts = async () => {
      await derive();
      const open = await prisma.alert.findMany({ where: { kind: 'same-address', endedAt: null } });
      return open.map(({ objectId, message }) => ({ objectId, message }));
    };
    expect(await alerts()).toEqual([]);
    const network = {
      id: uuid(),
      projectId: uuid(),
      stackId: uuid(),
      name: 'n',
      vni: 77,
      subnet: '10.200.0.0/24',
    };
    await prisma.network.create({ data: network });
    await prisma.address.createMany({
      data: [one, other].map((nodeId, i) => ({
        ...{ nodeId, networkId: network.id, address: `10.200.0.${i + 1}`, mac: `02:00:00:00:00:0${i}` },
      })),
    });
    const message = expect.stringContaining('other and one both say that 10.9.9.9 is their address');
    expect(await alerts()).toEqual([{ objectId: other, message }]);
    await remove(one);
    expect(await alerts()).toEqual([]);
  });
});
