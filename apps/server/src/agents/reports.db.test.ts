import type { TaskReport } from '@portreeve/agent-protocol';
import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageOfEvents } from '../activity/timeline.store.ts';
import { deriveAlerts } from '../alerts/derive.store.ts';
import { createCa } from '../platform/ca/ca.ts';
import { makeAssignmentKey } from '../platform/ca/certificates.ts';
import { CHANGES_CHANNEL } from '../platform/db/database.ts';
import { raiseGenerations } from './generation.store.ts';
import { SEALED } from './sealed.ts';
import { connectAgent, type Identity, join, type TestAgent } from './testing/test-agent.ts';
import { createTestCluster, type TestCluster, type TestServer } from './testing/test-cluster.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
let cluster: TestCluster;
let server: TestServer;
let serviceId: string;
let revisionId: string;
beforeAll(async () => {
  cluster = await createTestCluster();
  server = await cluster.startServer();
  const { prisma } = cluster.database;
  const stackId = uuid();
  serviceId = uuid();
  revisionId = uuid();
  await prisma.stack.create({ data: { id: stackId, projectId: cluster.rootId, name: 'shop' } });
  await prisma.service.create({ data: { id: serviceId, stackId, name: 'web' } });
  const sealedEnvironment = cluster.cluster.keys.seal('{"SECRET":"canary"}', SEALED.environment(revisionId));
  const pin = {
    kind: 'digest',
    reference: 'r.example/web:1',
    registry: 'r.example',
    repository: 'web',
    digest: DIGEST,
  };
  await prisma.revision.create({
    data: {
      id: revisionId,
      serviceId,
      number: 1,
      spec: ServiceSpec.parse({ image: 'r.example/web:1' }),
      sealedEnvironment,
      pin,
      stackVersion: 1,
      specHash: 'x',
      createdBy: 'admin',
    },
  });
});
afterAll(() => cluster.stop());

const joined = async (name: string): Promise<Identity> =>
  join(server.url, cluster.caPem, await cluster.token(), name);
const assign = async (nodeId: string, over: object = {}): Promise<string> => {
  const id = uuid();
  await cluster.database.transaction(async (tx) => {
    await tx.task.create({
      data: { id, serviceId, revisionId, slot: 1, nodeId, state: 'assigned', ...over },
    });
    await raiseGenerations(tx, { nodeIds: [nodeId] });
  });
  return id;
};
const said = (taskId: string, over: Partial<TaskReport> = {}): TaskReport => ({
  taskId,
  state: 'running',
  ready: true,
  at: new Date().toISOString(),
  attempt: 1,
  imageReady: true,
  reason: '',
  ...over,
});
const taskRow = (id: string) => cluster.database.prisma.task.findUniqueOrThrow({ where: { id } });
const nodeRow = (id: string) => cluster.database.prisma.node.findUniqueOrThrow({ where: { id } });
const settled = async (agent: TestAgent, nodeId: string): Promise<void> => {
  await agent.report([], { complete: true });
  await expect.poll(async () => (await nodeRow(nodeId)).state).toBe('ready');
};

test('when a task was first ready is kept over its restarts', async () => {
  const identity = await joined('first-ready');
  const taskId = await assign(identity.nodeId);
  const agent = await connectAgent(server.url, identity);
  await agent.report([said(taskId, { ready: false })]);
  expect((await taskRow(taskId)).firstReadyAt).toBeNull();
  await agent.report([said(taskId)]);
  const first = await taskRow(taskId);
  expect(first.firstReadyAt).toEqual(first.readyAt);
  await agent.report([said(taskId, { ready: false, attempt: 2 })]);
  await agent.report([said(taskId, { attempt: 2 })]);
  const second = await taskRow(taskId);
  expect(second.firstReadyAt).toEqual(first.firstReadyAt);
  expect(second.readyAt?.getTime()).toBeGreaterThan(first.readyAt?.getTime() ?? 0);
  agent.close();
});

test('D1 D8 an agent gets one signed document, and a newer one as soon as the generation rises', async () => {
  const { nodeId, ...identity } = await joined('d1');
  const agent = await connectAgent(server.url, { nodeId, ...identity });
  await expect.poll(() => agent.documents).toHaveLength(1);
  const taskId = await assign(nodeId);
  await expect.poll(() => agent.documents.at(-1)?.tasks[0]?.taskId).toBe(taskId);
  expect(agent.documents.at(-1)?.tasks[0]?.spec.environment).toEqual({ SECRET: 'canary' });
  expect(agent.documents.at(-1)?.keepImages).toEqual([DIGEST]);
  await expect.poll(async () => (await nodeRow(nodeId)).appliedGeneration).toBe(1);
  agent.close();
});

test('hosts keep the images an undo could need: of the newest five revisions, and what no host could pull again', async () => {
  const { prisma } = cluster.database;
  const { stackId } = await prisma.service.findUniqueOrThrow({ where: { id: serviceId } });
  const changed = uuid();
  await prisma.service.create({ data: { id: changed, stackId, name: 'changed' } });
  const digest = (number: number): string => `sha256:${String(number).repeat(64)}`;
  const revisions = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => {
    const id = uuid();
    const local = { kind: 'local', reference: 'x', imageId: digest(number), nodeId: uuid() };
    const pulled = {
      kind: 'digest',
      reference: 'r/x',
      registry: 'r',
      repository: 'x',
      digest: digest(number),
    };
    return {
      ...{ id, serviceId: changed, number, stackVersion: 1, specHash: 'x', createdBy: 'admin' },
      spec: ServiceSpec.parse({ image: 'r/x', pullPolicy: number === 2 ? 'never' : 'missing' }),
      sealedEnvironment: cluster.cluster.keys.seal('{}', SEALED.environment(id)),
      pin: number === 1 ? local : pulled,
    };
  });
  await prisma.revision.createMany({ data: revisions });
  const identity = await joined('keeps');
  await assign(identity.nodeId, { serviceId: changed, revisionId: revisions[7]?.id });
  const agent = await connectAgent(server.url, identity);
  await expect.poll(() => agent.documents.at(-1)?.keepImages).toEqual([1, 2, 4, 5, 6, 7, 8].map(digest));
  agent.close();
});

test('D3 a server that comes with another assignment key of the same CA is obeyed', async () => {
  const ca = createCa(cluster.cluster);
  const assignment = await makeAssignmentKey(cluster.cluster.ca, cluster.cluster.clusterId);
  const rotated = await cluster.startServer({ ca: { ...ca, assignment } });
  const identity = await joined('rotated');
  await assign(identity.nodeId);
  const before = await connectAgent(server.url, identity);
  await expect.poll(() => before.documents.map(({ generation }) => generation)).toEqual([1]);
  const have = { epoch: before.documents[0]?.epoch ?? 0, generation: 1 };
  const after = await connectAgent(rotated.url, identity, { have });
  await assign(identity.nodeId);
  await expect.poll(() => after.documents.map(({ generation }) => generation)).toEqual([2]);
  after.close();
  await rotated.stop();
});

test('D8 an agent that missed generations gets the newest one when it comes', async () => {
  const identity = await joined('d8');
  for (let i = 0; i < 3; i += 1) await assign(identity.nodeId);
  const agent = await connectAgent(server.url, identity);
  await expect.poll(() => agent.documents.map(({ generation }) => generation)).toEqual([3]);
  agent.close();
});

test('D5 a large document travels in parts', async () => {
  const identity = await joined('d5');
  const id = uuid();
  const contentBase64 = Buffer.alloc(400_000, 1).toString('base64');
  await cluster.database.prisma.storedFile.create({
    data: { id, kind: 'config', projectId: cluster.rootId, name: 'big' },
  });
  await cluster.database.prisma.storedFileVersion.create({
    data: {
      id: uuid(),
      fileId: id,
      version: 1,
      size: 400_000,
      createdBy: 'x',
      sealed: cluster.cluster.keys.seal(contentBase64, SEALED.file(id, 1)),
    },
  });
  const { spec, ...revision } = await cluster.database.prisma.revision.findUniqueOrThrow({
    where: { id: revisionId },
  });
  const withFile = uuid();
  await cluster.database.prisma.revision.create({
    data: {
      ...(revision as object),
      id: withFile,
      number: 2,
      spec: {
        ...(spec as object),
        configs: [{ source: 'big', target: '/big', uid: '0', gid: '0', mode: 292 }],
      },
      sealedEnvironment: cluster.cluster.keys.seal('{}', SEALED.environment(withFile)),
      filePins: [{ kind: 'config', source: 'big', objectId: id, version: 1 }],
    } as never,
  });
  await assign(identity.nodeId, { revisionId: withFile });
  const agent = await connectAgent(server.url, identity);
  await expect.poll(() => agent.documents[0]?.tasks[0]?.configs[0]?.contentBase64).toBe(contentBase64);
  agent.close();
});

test('R1 a report is stored whole before it is acknowledged, and everyone who waits is told', async () => {
  const identity = await joined('r1');
  const agent = await connectAgent(server.url, identity);
  const taskId = await assign(identity.nodeId);
  const heard: string[] = [];
  const stop = cluster.database.listen(CHANGES_CHANNEL, (payload) => heard.push(payload ?? ''));
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
  expect(await taskRow(taskId)).toMatchObject({
    state: 'running',
    ready: true,
    attempts: 1,
    imageReady: true,
  });
  expect(await cluster.database.prisma.taskExit.count({ where: { taskId } })).toBe(1);
  expect(await cluster.database.prisma.event.count({ where: { taskId, kind: 'engine-call' } })).toBe(1);
  await expect.poll(() => heard.some((text) => text.includes(taskId) && text.includes(serviceId))).toBe(true);
  stop();
  agent.close();
});

test('S-6 what a host tells of itself is told to those of its project, not to everybody', async () => {
  const { prisma } = cluster.database;
  const identity = await joined('private');
  const project = { id: uuid(), path: '/private', parentId: cluster.rootId };
  await prisma.project.create({ data: project });
  await prisma.node.update({ where: { id: identity.nodeId }, data: { projectId: project.id } });
  const agent = await connectAgent(server.url, identity);
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
  const others = await pageOfEvents(prisma, [cluster.rootId], { limit: 500 });
  expect(others.items.map(({ text }) => text)).not.toContain(event.text);
  agent.close();
});

test('what ended with its engine or host is no crash loop, what the engine could not start is', async () => {
  const { prisma } = cluster.database;
  const identity = await joined('rebooted');
  const endedAt = new Date();
  const end = async (startedAt?: string) => {
    const id = uuid();
    const taskId = await assign(identity.nodeId);
    const record = { endedBy: 'engine', reason: 'it ended', outOfMemory: false, startedAt };
    await prisma.taskExit.create({ data: { id, taskId, attempt: 1, endedAt, record } });
  };
  const isLoop = async () =>
    (await deriveAlerts(prisma)).some(({ key }) => key === `crash-loop:${serviceId}`);
  await prisma.taskExit.deleteMany();
  for (let times = 0; times < 3; times += 1) await end(endedAt.toISOString());
  expect(await isLoop()).toBe(false);
  for (let times = 0; times < 3; times += 1) await end();
  expect(await isLoop()).toBe(true);
});

test('R2 a node is used after its first complete report at the newest generation', async () => {
  const identity = await joined('r2');
  expect((await nodeRow(identity.nodeId)).state).toBe('joining');
  const agent = await connectAgent(server.url, identity);
  await settled(agent, identity.nodeId);
  agent.close();
});

test('T8 a node that was lost returns, is told to stop what was taken from it, and is used only then', async () => {
  const identity = await joined('t8');
  const taskId = await assign(identity.nodeId, { state: 'lost' });
  await cluster.database.prisma.node.update({
    where: { id: identity.nodeId },
    data: { state: 'lost', lostAt: new Date() },
  });
  const agent = await connectAgent(server.url, identity, { have: { epoch: 1, generation: 1 } });
  expect((await nodeRow(identity.nodeId)).state).toBe('returning');
  await agent.report([said(taskId)], { complete: true });
  await expect.poll(() => agent.documents.at(-1)?.tasks).toEqual([]);
  await expect.poll(async () => (await taskRow(taskId)).collectedAt).not.toBeNull();
  expect(await taskRow(taskId)).toMatchObject({ state: 'lost' });
  expect((await nodeRow(identity.nodeId)).state).toBe('returning');
  await agent.report([said(taskId, { state: 'stopped', ready: false })]);
  await expect.poll(async () => (await nodeRow(identity.nodeId)).state).toBe('ready');
  agent.close();
});

test('S-29 a report about the task of another node closes the connection and changes nothing', async () => {
  const [one, two] = [await joined('s29a'), await joined('s29b')];
  const taskId = await assign(two.nodeId);
  const agent = await connectAgent(server.url, one);
  agent.report([said(taskId, { state: 'failed', ready: false })]).catch(() => undefined);
  await expect.poll(() => agent.disconnected()).toBeDefined();
  expect(await taskRow(taskId)).toMatchObject({ state: 'assigned' });
  const open = { where: { objectId: one.nodeId, endedAt: null } };
  await expect.poll(() => cluster.database.prisma.alert.count(open)).toBe(1);
});

test('a host of the same network hears at once that a task elsewhere is ready, and when it no longer is', async () => {
  const [one, two] = [await joined('net1'), await joined('net2')];
  const networkId = uuid();
  const { stackId } = await cluster.database.prisma.service.findUniqueOrThrow({ where: { id: serviceId } });
  await cluster.database.prisma.network.create({
    data: {
      id: networkId,
      projectId: cluster.rootId,
      stackId,
      name: 'default',
      vni: 4242,
      subnet: '10.200.0.0/22',
    },
  });
  const place = async (nodeId: string, end: number): Promise<string> => {
    const address = `10.200.0.${end}`;
    const taskId = await assign(nodeId, {
      networks: [{ networkId, address, mac: `0a:58:00:00:00:${end}`, aliases: ['www'] }],
    });
    await cluster.database.prisma.address.createMany({
      data: [
        { networkId, address, mac: `0a:58:00:00:00:${end}`, taskId },
        { networkId, address: `10.200.0.${end + 1}`, mac: `0a:58:00:00:01:${end}`, nodeId },
      ],
    });
    await cluster.database.transaction((tx) =>
      raiseGenerations(tx, { nodeIds: [], networkIds: [networkId] }),
    );
    return taskId;
  };
  await place(one.nodeId, 10);
  const there = await place(two.nodeId, 20);
  const here = await connectAgent(server.url, one);
  const remote = await connectAgent(server.url, two);
  await expect.poll(() => here.documents.at(-1)?.networks[0]?.peers).toHaveLength(1);
  expect(here.documents.at(-1)?.networks[0]?.members.map(({ names }) => names)).toEqual([
    ['web', 'web.shop', 'www'],
    ['web', 'web.shop', 'www'],
  ]);
  await remote.report([said(there)]);
  await expect.poll(() => here.readiness.at(-1)?.networks).toEqual([{ networkId, ready: [there] }]);
  await remote.report([said(there, { ready: false })]);
  await expect.poll(() => here.readiness.at(-1)?.networks).toEqual([{ networkId, ready: [] }]);
  const versions = here.readiness.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  // A newer document alone is no reason to say anew who is ready.
  const later = await place(two.nodeId, 30);
  await expect.poll(() => here.documents.at(-1)?.networks[0]?.members).toHaveLength(3);
  await remote.report([said(later)]);
  await expect.poll(() => here.readiness.at(-1)?.networks[0]?.ready).toEqual([later]);
  expect(here.readiness).toHaveLength(versions.length + 1);
  here.close();
  remote.close();
});

test('Q1 an agent answers whoever asks, also a server that does not hold its connection', async () => {
  const other = await cluster.startServer();
  const identity = await joined('q1');
  const found = { found: true, imageId: 'x', repoDigests: [] };
  const agent = await connectAgent(server.url, identity, {}, () => ({ ok: true, value: found }));
  const body = { kind: 'find-image' as const, reference: 'web:1' };
  expect(await server.agents.askAgent(identity.nodeId, body)).toEqual(found);
  await expect.poll(() => other.agents.askAgent(identity.nodeId, body).catch(() => undefined)).toEqual(found);
  expect(await cluster.database.prisma.agentRequest.count()).toBe(0);
  agent.close();
  await expect.poll(async () => (await nodeRow(identity.nodeId)).connectedTo).toBeNull();
  await expect(other.agents.askAgent(identity.nodeId, body)).rejects.toMatchObject({
    code: 'node.unreachable',
  });
  await other.stop();
});

test('Q1 a question that is not answered in time says so', async () => {
  const identity = await joined('q1-late');
  const agent = await connectAgent(server.url, identity, {}, () => new Promise(() => undefined));
  const asked = server.agents.askAgent(identity.nodeId, { kind: 'containers' }, { timeoutMs: 50 });
  await expect(asked).rejects.toMatchObject({ code: 'deadline.exceeded' });
  agent.close();
});

test('S-45 text that no database takes, of a container or an engine, costs no report', async () => {
  const identity = await joined('nul');
  const { nodeId } = identity;
  const agent = await connectAgent(server.url, identity);
  await settled(agent, nodeId);
  const taskId = await assign(nodeId);
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
  expect((await taskRow(taskId)).reason).toBe(readable);
  const exit = await cluster.database.prisma.taskExit.findFirstOrThrow({ where: { taskId } });
  expect(exit.record).toMatchObject({ reason: readable, healthOutput: readable, logTail: readable });
  agent.close();
});

test('F-5 a report that cannot be stored is not acknowledged as stored', async () => {
  const own = await cluster.startServer();
  const identity = await joined('f5');
  const agent = await connectAgent(own.url, identity);
  await own.database.close();
  expect(await agent.report([], { complete: true })).toMatchObject({ stored: false, retryAfterMs: 2_000 });
  expect(agent.disconnected()).toBeUndefined();
  agent.close();
  await own.stop();
});

test('live figures of a node are known at every server and stored at none', async () => {
  const other = await cluster.startServer();
  const identity = await joined('figures');
  const agent = await connectAgent(server.url, identity);
  const pressure = {
    at: new Date().toISOString(),
    load1: 1.5,
    cpuUsed: 2,
    memoryUsedBytes: 3,
    memoryTotalBytes: 4,
    disks: [],
  };
  await agent.socket.emitWithAck('beat', { sequence: 1, clock: new Date().toISOString(), pressure });
  expect(server.agents.live(identity.nodeId)?.pressure).toEqual(pressure);
  await expect
    .poll(async () => {
      await server.agents.shareLive();
      return other.agents.live(identity.nodeId)?.pressure;
    })
    .toEqual(pressure);
  agent.close();
  await other.stop();
});
