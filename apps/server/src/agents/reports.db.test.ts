import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageOfEvents } from '../activity/timeline.store.ts';
import { deriveAlerts } from '../alerts/derive.store.ts';
import { CHANGES_CHANNEL } from '../platform/db/database.ts';
import { type ServiceStage, said, startServiceStage } from './testing/service-stage.ts';
import { connectAgent, facts, type TestAgent } from './testing/test-agent.ts';

let stage: ServiceStage;
beforeAll(async () => {
  stage = await startServiceStage();
});
afterAll(() => stage.cluster.stop());

const settled = async (agent: TestAgent, nodeId: string): Promise<void> => {
  await agent.report([], { complete: true });
  await expect.poll(async () => (await stage.nodeRow(nodeId)).state).toBe('ready');
};

test('when a task was first ready is kept over its restarts', async () => {
  const identity = await stage.joined('first-ready');
  const taskId = await stage.assign(identity.nodeId);
  const agent = await connectAgent(stage.server.url, identity);
  await agent.report([said(taskId, { ready: false })]);
  expect((await stage.taskRow(taskId)).firstReadyAt).toBeNull();
  await agent.report([said(taskId)]);
  const first = await stage.taskRow(taskId);
  expect(first.firstReadyAt).toEqual(first.readyAt);
  await agent.report([said(taskId, { ready: false, attempt: 2 })]);
  const between = await stage.taskRow(taskId);
  expect(between.unreadyAt?.getTime()).toBeGreaterThan(first.readyAt?.getTime() ?? 0);
  await agent.report([said(taskId, { ready: false, attempt: 2, reason: 'it ended' })]);
  expect((await stage.taskRow(taskId)).unreadyAt).toEqual(between.unreadyAt);
  await agent.report([said(taskId, { attempt: 2 })]);
  const second = await stage.taskRow(taskId);
  expect(second.firstReadyAt).toEqual(first.firstReadyAt);
  expect(second.readyAt?.getTime()).toBeGreaterThan(first.readyAt?.getTime() ?? 0);
  expect(second.unreadyAt).toBeNull();
  agent.close();
});

test('a task whose image has come is in its state anew: what is waited for from then on is its start', async () => {
  const identity = await stage.joined('image-came');
  const taskId = await stage.assign(identity.nodeId);
  const agent = await connectAgent(stage.server.url, identity);
  const preparing = { state: 'preparing' as const, ready: false, attempt: 0 };
  await agent.report([said(taskId, { ...preparing, imageReady: false })]);
  const pulling = await stage.taskRow(taskId);
  await agent.report([said(taskId, { ...preparing, imageReady: true })]);
  const pulled = await stage.taskRow(taskId);
  expect(pulled.stateAt.getTime()).toBeGreaterThan(pulling.stateAt.getTime());
  await agent.report([said(taskId, { ...preparing, imageReady: true, reason: 'slow' })]);
  expect((await stage.taskRow(taskId)).stateAt).toEqual(pulled.stateAt);
  agent.close();
});

test('R1 a report is stored whole before it is acknowledged, and everyone who waits is told', async () => {
  const identity = await stage.joined('r1');
  const agent = await connectAgent(stage.server.url, identity);
  const taskId = await stage.assign(identity.nodeId);
  const heard: string[] = [];
  const stop = stage.cluster.database.listen(CHANGES_CHANNEL, (payload) => heard.push(payload ?? ''));
  const record = {
    attempt: 1,
    containerId: 'c',
    endedAt: new Date().toISOString(),
    outOfMemory: false,
    endedBy: 'itself' as const,
    reason: 'exit 1',
    logTail: 'boom',
  };
  const event = {
    at: new Date().toISOString(),
    kind: 'engine-call' as const,
    taskId,
    text: 'create container',
    durationMs: 5,
    ok: true,
  };
  const more = { exits: [{ taskId, record }], events: [event] };
  expect(await agent.report([said(taskId)], more)).toMatchObject({ stored: true });
  // The acknowledgement was lost: the same is told again, and changes nothing.
  expect(await agent.report([said(taskId)], more)).toMatchObject({ stored: true });
  expect(await stage.taskRow(taskId)).toMatchObject({
    state: 'running',
    ready: true,
    attempts: 1,
    imageReady: true,
  });
  expect(await stage.cluster.database.prisma.taskExit.count({ where: { taskId } })).toBe(1);
  expect(await stage.cluster.database.prisma.event.count({ where: { taskId, kind: 'engine-call' } })).toBe(1);
  await expect
    .poll(() => heard.some((text) => text.includes(taskId) && text.includes(stage.serviceId)))
    .toBe(true);
  stop();
  agent.close();
});

test.each([
  ['behind', -10 * 60_000],
  ['ahead', 10 * 60_000],
])('when an attempt ended is told by our clock where that of its host is %s', async (word, aheadMs) => {
  const identity = await stage.joined(`clock-${word}`);
  const taskId = await stage.assign(identity.nodeId);
  const before = Date.now();
  const clock = () => new Date(Date.now() + aheadMs).toISOString();
  const agent = await connectAgent(stage.server.url, identity, { clock: clock() });
  const record = {
    ...{ attempt: 1, containerId: 'c', endedAt: clock(), outOfMemory: false, endedBy: 'itself' as const },
    ...{ reason: 'exit 1', logTail: '' },
  };
  await agent.report([said(taskId)], { exits: [{ taskId, record }] });
  const [exit] = await stage.cluster.database.prisma.taskExit.findMany({ where: { taskId } });
  expect(exit?.record).toMatchObject({ endedAt: record.endedAt });
  expect(exit?.endedAt.getTime()).toBeGreaterThanOrEqual(before);
  expect(exit?.endedAt.getTime()).toBeLessThanOrEqual(Date.now());
  agent.close();
});

test('S-6 what a host tells of itself is told to those of its project, not to everybody', async () => {
  const { prisma } = stage.cluster.database;
  const identity = await stage.joined('private');
  const project = { id: uuid(), path: '/private', parentId: stage.cluster.rootId };
  await prisma.project.create({ data: project });
  await prisma.node.update({ where: { id: identity.nodeId }, data: { projectId: project.id } });
  const agent = await connectAgent(stage.server.url, identity);
  const event = {
    at: new Date().toISOString(),
    kind: 'engine-call' as const,
    text: 'pull private/image',
    ok: true,
  };
  await agent.report([], { events: [event] });
  await expect
    .poll(() => prisma.event.findFirst({ where: { text: event.text } }))
    .toMatchObject({ nodeId: identity.nodeId, projectId: project.id });
  const others = await pageOfEvents(prisma, [stage.cluster.rootId], { limit: 500 });
  expect(others.items.map(({ text }) => text)).not.toContain(event.text);
  agent.close();
});

test('what ended with its engine or host is no crash loop, what the engine could not start is', async () => {
  const { prisma } = stage.cluster.database;
  const identity = await stage.joined('rebooted');
  const endedAt = new Date();
  const end = async (startedAt?: string) => {
    const id = uuid();
    const taskId = await stage.assign(identity.nodeId);
    const record = { endedBy: 'engine', reason: 'it ended', outOfMemory: false, startedAt };
    await prisma.taskExit.create({ data: { id, taskId, attempt: 1, endedAt, record } });
  };
  const isLoop = async () =>
    (await deriveAlerts(prisma)).some(({ key }) => key === `crash-loop:${stage.serviceId}`);
  await prisma.taskExit.deleteMany();
  for (let times = 0; times < 3; times += 1) await end(endedAt.toISOString());
  expect(await isLoop()).toBe(false);
  for (let times = 0; times < 3; times += 1) await end();
  expect(await isLoop()).toBe(true);
});

test('a node that can be joined with others since it was repaired is told so in a new document', async () => {
  const identity = await stage.joined('repaired');
  const generation = async () => (await stage.nodeRow(identity.nodeId)).generation;
  const crossHostNetworks = { able: false, reason: 'the program "nft" is missing' };
  const before = await connectAgent(stage.server.url, identity, { facts: { ...facts(), crossHostNetworks } });
  before.close();
  const then = await generation();
  const after = await connectAgent(stage.server.url, identity, { facts: facts() });
  after.close();
  expect(await generation()).toBeGreaterThan(then);
  const same = await generation();
  (await connectAgent(stage.server.url, identity, { facts: facts() })).close();
  expect(await generation()).toBe(same);
});

test('R2 a node is used after its first complete report at the newest generation', async () => {
  const identity = await stage.joined('r2');
  expect((await stage.nodeRow(identity.nodeId)).state).toBe('joining');
  const agent = await connectAgent(stage.server.url, identity);
  await settled(agent, identity.nodeId);
  agent.close();
});

test('T8 a node that was lost returns, is told to stop what was taken from it, and is used only then', async () => {
  const identity = await stage.joined('t8');
  const taskId = await stage.assign(identity.nodeId, { state: 'lost' });
  await stage.cluster.database.prisma.node.update({
    where: { id: identity.nodeId },
    data: { state: 'lost', lostAt: new Date() },
  });
  const agent = await connectAgent(stage.server.url, identity, { have: { epoch: 1, generation: 1 } });
  expect((await stage.nodeRow(identity.nodeId)).state).toBe('returning');
  await agent.report([said(taskId)], { complete: true });
  await expect.poll(() => agent.documents.at(-1)?.tasks).toEqual([]);
  await expect.poll(async () => (await stage.taskRow(taskId)).collectedAt).not.toBeNull();
  expect(await stage.taskRow(taskId)).toMatchObject({ state: 'lost' });
  expect((await stage.nodeRow(identity.nodeId)).state).toBe('returning');
  await agent.report([said(taskId, { state: 'stopped', ready: false })]);
  await expect.poll(async () => (await stage.nodeRow(identity.nodeId)).state).toBe('ready');
  agent.close();
});

test('R4 of all tasks an agent may tell in several reports: none is gone, and unwanted ones of any are stopped', async () => {
  const identity = await stage.joined('r4');
  const kept = await stage.assign(identity.nodeId, { state: 'running' });
  const gone = await stage.assign(identity.nodeId, { state: 'running' });
  const lost = await stage.assign(identity.nodeId, { state: 'lost' });
  const { generation } = await stage.nodeRow(identity.nodeId);
  const agent = await connectAgent(stage.server.url, identity, { have: { epoch: 1, generation } });
  expect(agent.welcome).toMatchObject({ reportsInParts: true });
  await agent.report([said(kept), said(lost)]);
  expect(await stage.taskRow(gone)).toMatchObject({ state: 'running' });
  await agent.report([], { complete: true, told: [kept, lost] });
  expect(await stage.taskRow(kept)).toMatchObject({ state: 'running' });
  expect(await stage.taskRow(gone)).toMatchObject({ state: 'failed' });
  await expect.poll(() => agent.documents.at(-1)?.tasks.some(({ taskId }) => taskId === lost)).toBe(false);
  agent.close();
});

test('S-29 a report about the task of another node closes the connection and changes nothing', async () => {
  const [one, two] = [await stage.joined('s29a'), await stage.joined('s29b')];
  const taskId = await stage.assign(two.nodeId);
  const agent = await connectAgent(stage.server.url, one);
  agent.report([said(taskId, { state: 'failed', ready: false })]).catch(() => undefined);
  await expect.poll(() => agent.disconnected()).toBeDefined();
  expect(await stage.taskRow(taskId)).toMatchObject({ state: 'assigned' });
  const open = { where: { objectId: one.nodeId, endedAt: null } };
  await expect.poll(() => stage.cluster.database.prisma.alert.count(open)).toBe(1);
});

test('S-45 text that no database takes, of a container or an engine, costs no report', async () => {
  const identity = await stage.joined('nul');
  const { nodeId } = identity;
  const agent = await connectAgent(stage.server.url, identity);
  await settled(agent, nodeId);
  const taskId = await stage.assign(nodeId);
  // What a program printed: a byte of zero, and half of a character that the end of the log cut through.
  const text = 'end\u0000 \ud83d';
  const record = {
    attempt: 1,
    containerId: 'c1',
    endedAt: new Date().toISOString(),
    outOfMemory: false,
    endedBy: 'itself' as const,
    reason: text,
    healthOutput: text,
    logTail: text,
  };
  const answer = await agent.report([said(taskId, { reason: text, ready: false })], {
    exits: [{ taskId, record }],
    events: [{ at: new Date().toISOString(), kind: 'engine-call', text, ok: false }],
  });
  expect(answer).toMatchObject({ stored: true });
  const readable = 'end\ufffd \ufffd';
  expect((await stage.taskRow(taskId)).reason).toBe(readable);
  const exit = await stage.cluster.database.prisma.taskExit.findFirstOrThrow({ where: { taskId } });
  expect(exit.record).toMatchObject({ reason: readable, healthOutput: readable, logTail: readable });
  agent.close();
});

test('F-5 a report that cannot be stored is not acknowledged as stored', async () => {
  const own = await stage.cluster.startServer();
  const identity = await stage.joined('f5');
  const agent = await connectAgent(own.url, identity);
  await own.database.close();
  expect(await agent.report([], { complete: true })).toMatchObject({ stored: false, retryAfterMs: 2_000 });
  expect(agent.disconnected()).toBeUndefined();
  agent.close();
  await own.stop();
});

test('live figures of a node are known at every server and stored at none', async () => {
  const other = await stage.cluster.startServer();
  const identity = await stage.joined('figures');
  const agent = await connectAgent(stage.server.url, identity);
  const pressure = {
    at: new Date().toISOString(),
    load1: 1.5,
    cpuUsed: 2,
    memoryUsedBytes: 3,
    memoryTotalBytes: 4,
    disks: [],
  };
  await agent.socket.emitWithAck('beat', { sequence: 1, clock: new Date().toISOString(), pressure });
  expect(stage.server.agents.live(identity.nodeId)?.pressure).toEqual(pressure);
  await expect
    .poll(async () => {
      await stage.server.agents.shareLive();
      return other.agents.live(identity.nodeId)?.pressure;
    })
    .toEqual(pressure);
  agent.close();
  await other.stop();
});
