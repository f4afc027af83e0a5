import type { Report, TaskReport } from '@portreeve/agent-protocol';
import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import {
  call,
  connectAgent,
  dial,
  facts,
  helloOf,
  type Identity,
  join,
  makeCsr,
} from './testing/test-agent.ts';
import { createTestCluster, type TestCluster, type TestServer } from './testing/test-cluster.ts';

let cluster: TestCluster;
let server: TestServer;
let thief: Identity;
let victim: Identity;
/** The victim's. */
const taskId = uuid();
const db = () => cluster.database.prisma;

beforeAll(async () => {
  cluster = await createTestCluster();
  server = await cluster.startServer();
  const [stackId, serviceId, revisionId] = [uuid(), uuid(), uuid()];
  await db().stack.create({ data: { id: stackId, projectId: cluster.rootId, name: 'shop' } });
  await db().service.create({ data: { id: serviceId, stackId, name: 'web' } });
  await db().revision.create({
    data: {
      ...{
        id: revisionId,
        serviceId,
        number: 1,
        stackVersion: 1,
        specHash: 'x',
        createdBy: 'admin',
        pin: {},
      },
      spec: ServiceSpec.parse({ image: 'web' }),
      sealedEnvironment: '',
    },
  });
  victim = await joined('victim');
  await db().task.create({
    data: {
      ...{ id: taskId, serviceId, revisionId, slot: 1, nodeId: victim.nodeId },
      ...{ state: 'running', ready: true, containerId: 'theirs' },
    },
  });
});
afterAll(() => cluster.stop());
let number = 0;
/** A thief of its own for each test: one alarm is open per node. */
beforeEach(async () => {
  number += 1;
  thief = await joined(`thief-${number}`);
});

const joined = async (name: string): Promise<Identity> =>
  join(server.url, cluster.caPem, await cluster.token({ labels: { zone: 'a' } }), name);
const credentialsOf = ({ keyPem, certificatePem }: Identity) => ({
  ca: cluster.caPem,
  keyPem,
  certificatePem,
});
const said = (over: Partial<TaskReport> = {}): TaskReport => ({
  ...{ taskId, state: 'failed', ready: false, attempt: 9, imageReady: false, reason: 'gone' },
  ...{ at: new Date().toISOString(), containerId: 'mine', ...over },
});
const exit = {
  taskId,
  record: {
    ...{ attempt: 9, endedAt: new Date().toISOString(), endedBy: 'itself', reason: 'forged', exitCode: 1 },
    ...{ outOfMemory: false, logTail: '', containerId: 'mine' },
  },
};
const event = {
  at: new Date().toISOString(),
  kind: 'agent',
  taskId,
  text: 'forged',
  ok: true,
  durationMs: 1,
};

/** Closed, an alarm and an audit row of the refusal; the victim's task, exits and story as before. */
const expectCaught = async (of: Identity): Promise<void> => {
  await expect
    .poll(() => db().alert.findFirst({ where: { objectId: of.nodeId, endedAt: null } }))
    .toMatchObject({ kind: 'agent-violation', severity: 'critical', projectId: cluster.rootId });
  expect(
    await db().auditEntry.findMany({ where: { objectId: of.nodeId, action: 'node.violation' } }),
  ).toEqual([expect.objectContaining({ outcome: 'refused', actorKind: 'system' })]);
  expect(await db().task.findUnique({ where: { id: taskId } })).toMatchObject({
    ...{ state: 'running', ready: true, containerId: 'theirs', attempts: 0, nodeId: victim.nodeId },
  });
  expect(await db().taskExit.count()).toBe(0);
  expect(await db().event.count({ where: { OR: [{ taskId }, { text: 'forged' }] } })).toBe(0);
};

test.each<[string, Partial<Report>]>([
  ['state', { tasks: [said()] }],
  ['state within a complete report', { tasks: [said()], complete: true }],
  ['container', { tasks: [said({ state: 'running', ready: true })] }],
  ['exit', { exits: [exit] as unknown as Report['exits'] }],
  ['story', { events: [event] as Report['events'] }],
])('S-29 an agent that reports the %s of another node’s task is cut off and told of', async (_, report) => {
  const agent = await connectAgent(server.url, thief);
  agent.report([], report).catch(() => undefined);
  await expect.poll(() => agent.disconnected()).toBeDefined();
  await expectCaught(thief);
});

test('S-29 a hello in another’s name, and a second hello, cut it off too', async () => {
  const socket = await dial(server.url, '/agent', credentialsOf(thief));
  expect(await socket.emitWithAck('hello', helloOf(victim))).toMatchObject({
    ok: false,
    reason: 'wrong-node',
  });
  await expect.poll(() => socket.connected).toBe(false);
  await expectCaught(thief);
  expect(await db().node.findUnique({ where: { id: victim.nodeId } })).toMatchObject({ connectedTo: null });
  const other = await joined('twice');
  const twice = await connectAgent(server.url, other);
  twice.socket.emit('hello', helloOf(victim));
  await expect.poll(() => twice.disconnected()).toBeDefined();
  await expectCaught(other);
});

test('S-29 whoever renews gets a certificate for the node of the present one, whatever else is asked', async () => {
  const { csrPem, keyPem } = await makeCsr(`CN=${victim.nodeId}`);
  const asked = { csrPem, nodeId: victim.nodeId };
  const { status, body } = await call(`${server.url}/renew`, credentialsOf(thief), asked);
  expect([200, 400]).toContain(status);
  if (status !== 200) return;
  const renewed = { ...thief, keyPem, certificatePem: JSON.parse(body).certificatePem as string };
  const socket = await dial(server.url, '/agent', credentialsOf(renewed));
  expect(await socket.emitWithAck('hello', helloOf(victim))).toMatchObject({ ok: false });
});

test('S-31 a host that asks for certificates without end is told to wait, and no other host with it', async () => {
  const { csrPem } = await makeCsr();
  const renew = (who: Identity) => call(`${server.url}/renew`, credentialsOf(who), { csrPem });
  const answers: Awaited<ReturnType<typeof renew>>[] = [];
  for (let asked = 0; asked < 30 && answers.at(-1)?.status !== 429; asked += 1)
    answers.push(await renew(thief));
  expect(answers.at(-1)).toMatchObject({ status: 429, body: expect.stringContaining('try again in') });
  const given = answers.filter(({ status }) => status === 200).length;
  expect(await db().nodeCertificate.count({ where: { nodeId: thief.nodeId } })).toBe(given + 1);
  expect((await renew(victim)).status).toBe(200);
});

test.each(['labels', 'projectPath', 'projectId', 'availability', 'resources'])(
  'S-42 an agent that claims %s is not believed, and an alarm says so',
  async (key) => {
    const { nodeId } = thief;
    const before = await db().node.findUniqueOrThrow({ where: { id: nodeId } });
    const claim = { [key]: key === 'labels' ? { zone: 'b', database: 'yes' } : '/secret' };
    const said = helloOf(thief, { ...claim, facts: { ...facts(), ...claim } } as object);
    const socket = await dial(server.url, '/agent', credentialsOf(thief));
    expect(await socket.emitWithAck('hello', said)).toMatchObject({ ok: true });
    await socket.emitWithAck('facts', { ...facts(), ...claim });
    const after = await db().node.findUniqueOrThrow({ where: { id: nodeId } });
    expect(after).toMatchObject({ labels: { zone: 'a' }, projectId: before.projectId, name: before.name });
    expect(after).toMatchObject({ availability: 'active', hostAddress: before.hostAddress });
    expect(JSON.stringify(after.facts)).not.toMatch(/secret|database/);
    const seen = (await loadPlacementNodes(db())).find(({ id }) => id === nodeId);
    expect(seen).toMatchObject({ labels: { zone: 'a' }, projectPath: '/', availability: 'active' });
    await expectCaught(thief);
    socket.close();
  },
);

test('S-42 a joining host that claims them is refused, and its token keeps its use', async () => {
  const token = await cluster.token({ uses: 1 });
  const nodes = await db().node.count();
  for (const claim of [
    { labels: { a: 'b' } },
    { projectPath: '/x' },
    { availability: 'active' },
    { resources: 1 },
  ]) {
    const { csrPem } = await makeCsr();
    const body = { token, csrPem, facts: facts('liar'), ...claim };
    expect((await call(`${server.url}/join`, { ca: cluster.caPem }, body)).status).toBe(400);
  }
  expect(await db().node.count()).toBe(nodes);
  await expect(join(server.url, cluster.caPem, token, 'honest')).resolves.toMatchObject({
    nodeName: 'honest',
  });
});

test('S-42 a host that calls itself by another node’s name gets neither its name nor its tasks', async () => {
  const liar = await joined('victim');
  expect(liar.nodeName).toBe('victim-2');
  const agent = await connectAgent(server.url, liar, { facts: facts('victim') });
  expect((await loadPlacementNodes(db())).filter(({ name }) => name === 'victim')).toMatchObject([
    { id: victim.nodeId },
  ]);
  agent.close();
});
