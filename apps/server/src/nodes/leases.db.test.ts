import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openAlarm } from '../agents/alarms.store.ts';
import { connectAgent, type Identity, join, type TestAgent } from '../agents/testing/test-agent.ts';
import { createTestCluster, type TestCluster, type TestServer } from '../agents/testing/test-cluster.ts';
import { timingOf } from '../agents/timing.ts';
import type { Leader } from '../platform/leader.ts';
import { createLoops, type Loops } from '../platform/loop.ts';
import { startLeasesLoop } from './leases.loop.ts';

const LEASE_MS = 4_000;
const timing = { ...timingOf(LEASE_MS), graceMs: 300 };
const leader: Leader = {
  isLeader: () => true,
  since: () => new Date(0),
  onChange: () => () => undefined,
  close: async () => undefined,
};

let cluster: TestCluster;
let server: TestServer;
let loops: Loops;
const beating = new Set<TestAgent>();
let beats: NodeJS.Timeout;
let renewals: NodeJS.Timeout;
beforeAll(async () => {
  cluster = await createTestCluster(LEASE_MS);
  server = await cluster.startServer();
  loops = createLoops(cluster.database, leader, pino({ level: 'silent' }));
  startLeasesLoop({ database: cluster.database, leader, loops }, timing);
  beats = setInterval(() => {
    for (const agent of beating) agent.beat().catch(() => undefined);
  }, timing.beatMs);
  renewals = setInterval(() => server.agents.renewLeases().catch(() => undefined), 200);
});
afterAll(async () => {
  clearInterval(beats);
  clearInterval(renewals);
  await loops.stop();
  await cluster.stop();
});

const nodeRow = (id: string) => cluster.database.prisma.node.findUniqueOrThrow({ where: { id } });
const start = async (name: string): Promise<{ identity: Identity; agent: TestAgent }> => {
  const identity = await join(server.url, cluster.caPem, await cluster.token(), name);
  const agent = await connectAgent(server.url, identity);
  beating.add(agent);
  await agent.report([], { complete: true });
  await expect.poll(async () => (await nodeRow(identity.nodeId)).state).toBe('ready');
  return { identity, agent };
};
const remove = async (...nodes: { identity: Identity; agent: TestAgent }[]): Promise<void> => {
  for (const { identity, agent } of nodes) {
    beating.delete(agent);
    agent.close();
    await cluster.database.prisma.node.update({
      where: { id: identity.nodeId },
      data: { state: 'removed', removedAt: new Date() },
    });
  }
};

test('F-12 a node that falls silent is lost when its lease is over, one that beats is not, and at rest no row of a node is written', async () => {
  const nodes = [await start('a'), await start('b'), await start('c')];
  const [silent, loud] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
  const written = await cluster.database.prisma.$queryRaw<{ xmin: string }[]>`
    SELECT xmin::text FROM "Node" WHERE id = ${loud.identity.nodeId}::uuid`;
  beating.delete(silent.agent);
  await expect
    .poll(async () => (await nodeRow(silent.identity.nodeId)).state, { timeout: 5 * LEASE_MS })
    .toBe('lost');
  expect(await nodeRow(loud.identity.nodeId)).toMatchObject({ state: 'ready', leaseUntil: null });
  expect(
    await cluster.database.prisma
      .$queryRaw`SELECT xmin::text FROM "Node" WHERE id = ${loud.identity.nodeId}::uuid`,
  ).toEqual(written);
  await remove(...nodes);
});

/** As an administrator or a bad source of time does, for all that asks in this process. */
const setClock = (ms: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
};

test('F-12 a clock of the server that is set back hides no node that is lost', async () => {
  const nodes = [await start('t1'), await start('t2'), await start('t3')];
  const [silent, ...others] = nodes as [(typeof nodes)[0], ...typeof nodes];
  setClock(-3_600_000);
  beating.delete(silent.agent);
  await expect
    .poll(async () => (await nodeRow(silent.identity.nodeId)).state, { timeout: 6 * LEASE_MS })
    .toBe('lost');
  for (const { agent, identity } of others) {
    expect(agent.disconnected()).toBeUndefined();
    expect((await nodeRow(identity.nodeId)).state).toBe('ready');
  }
  await remove(...nodes);
});

test('F-12 a clock of the server that is set forward makes no node silent', async () => {
  const nodes = [await start('t4'), await start('t5'), await start('t6')];
  setClock(3_600_000);
  // Long enough for everything that looks at the clock to have done so.
  const set = performance.now();
  await expect.poll(() => performance.now() - set > 2_000).toBe(true);
  for (const { identity } of nodes) {
    const { state, lastCloseReason } = await nodeRow(identity.nodeId);
    expect(state).toBe('ready');
    expect(lastCloseReason).not.toContain('Nothing was heard');
  }
  await remove(...nodes);
});

test('F-12 when more than a third fall silent together nothing is lost, and an alarm is raised until they answer', async () => {
  const nodes = [await start('h1'), await start('h2'), await start('h3')];
  const [one, two] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
  const open = () => cluster.database.prisma.alert.count({ where: { kind: 'nodes-silent', endedAt: null } });
  beating.delete(one.agent);
  beating.delete(two.agent);
  await expect.poll(open).toBe(1);
  for (const { identity } of nodes) expect((await nodeRow(identity.nodeId)).state).toBe('ready');
  for (const { identity } of [one, two]) beating.add(await connectAgent(server.url, identity));
  await expect.poll(open).toBe(0);
  for (const agent of beating) agent.close();
  beating.clear();
  await remove(...nodes);
});

test('F-12 an alarm that a leader before left open ends once the new one knows that nobody is silent', async () => {
  const { prisma } = cluster.database;
  const key = 'nodes-silent-together';
  await cluster.database.transaction((tx) =>
    openAlarm(tx, { kind: 'nodes-silent', key, severity: 'critical', message: '', hint: '' }),
  );
  const term = Date.now();
  const newLeader = { ...leader, since: () => new Date(term) };
  const next = createLoops(cluster.database, newLeader, pino({ level: 'silent' }));
  startLeasesLoop({ database: cluster.database, leader: newLeader, loops: next }, timing);
  const ended = async () =>
    (await prisma.alert.findFirst({ where: { key, endedAt: { not: null } }, orderBy: { since: 'desc' } }))
      ?.endedAt;
  await expect.poll(() => prisma.alert.count({ where: { key, endedAt: null } })).toBe(0);
  expect((await ended())?.getTime()).toBeGreaterThan(term + LEASE_MS);
  await next.stop();
});

test('L4 an agent that says it goes is waited for', async () => {
  const nodes = [await start('l1'), await start('l2'), await start('l3')];
  const [leaving] = nodes as [(typeof nodes)[0]];
  beating.delete(leaving.agent);
  await leaving.agent.socket.emitWithAck('leaving', { reason: 'restart', backWithinMs: 60_000 });
  leaving.agent.close();
  const { leaseUntil } = await expect
    .poll(async () => nodeRow(leaving.identity.nodeId))
    .toMatchObject({ connectedTo: null })
    .then(() => nodeRow(leaving.identity.nodeId));
  await expect.poll(() => Date.now() > (leaseUntil?.getTime() ?? 0) + 1_500).toBe(true);
  expect((await nodeRow(leaving.identity.nodeId)).state).toBe('ready');
  await remove(...nodes);
});

test('the nodes of a server that dies keep their leases until they could have come to another one', async () => {
  const other = await cluster.startServer();
  const identity = await join(server.url, cluster.caPem, await cluster.token(), 'orphan');
  const agent = await connectAgent(other.url, identity);
  await agent.report([], { complete: true });
  await expect.poll(async () => (await nodeRow(identity.nodeId)).state).toBe('ready');
  // No word of its end: the process was killed, and nobody vouches for its nodes any more.
  await other.database.close();
  agent.close();
  await expect
    .poll(() => nodeRow(identity.nodeId))
    .toMatchObject({ connectedTo: null, state: 'ready', lastCloseReason: expect.stringContaining('server') });
  const again = await connectAgent(server.url, identity);
  expect(await nodeRow(identity.nodeId)).toMatchObject({ connectedTo: server.serverId, leaseUntil: null });
  await remove({ identity, agent: again });
  await other.stop();
});

test('a server that stood still takes its nodes back, and none is lost', async () => {
  const nodes = [await start('s1'), await start('s2'), await start('s3')];
  const connections = () =>
    cluster.database.prisma.node.findMany({ where: { removedAt: null }, orderBy: { name: 'asc' } });
  clearInterval(renewals);
  await expect
    .poll(async () => (await connections()).map(({ connectedTo }) => connectedTo))
    .toEqual([null, null, null]);
  renewals = setInterval(() => server.agents.renewLeases().catch(() => undefined), 200);
  await expect
    .poll(async () =>
      (await connections()).map(({ connectedTo, leaseUntil, state }) => ({ connectedTo, leaseUntil, state })),
    )
    .toEqual(Array(3).fill({ connectedTo: server.serverId, leaseUntil: null, state: 'ready' }));
  expect(nodes.map(({ agent }) => agent.disconnected())).toEqual([undefined, undefined, undefined]);
  await remove(...nodes);
});
