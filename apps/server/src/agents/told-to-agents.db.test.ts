import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { giveAnswer } from '../../../agent/src/link/give-answer.ts';
import { createCa } from '../platform/ca/ca.ts';
import { makeAssignmentKey } from '../platform/ca/certificates.ts';
import { raiseGenerations } from './generation.store.ts';
import { SEALED } from './sealed.ts';
import { type ServiceStage, said, startServiceStage } from './testing/service-stage.ts';
import { connectAgent, facts } from './testing/test-agent.ts';

let stage: ServiceStage;
beforeAll(async () => {
  stage = await startServiceStage();
});
afterAll(() => stage.cluster.stop());

test('D1 D8 an agent gets one signed document, and a newer one as soon as the generation rises', async () => {
  const { nodeId, ...identity } = await stage.joined('d1');
  const agent = await connectAgent(stage.server.url, { nodeId, ...identity });
  await expect.poll(() => agent.documents).toHaveLength(1);
  const taskId = await stage.assign(nodeId);
  await expect.poll(() => agent.documents.at(-1)?.tasks[0]?.taskId).toBe(taskId);
  expect(agent.documents.at(-1)?.tasks[0]?.spec.environment).toEqual({ SECRET: 'canary' });
  expect(agent.documents.at(-1)?.keepImages).toEqual([stage.digest]);
  await expect.poll(async () => (await stage.nodeRow(nodeId)).appliedGeneration).toBe(1);
  agent.close();
});

test('hosts keep the images an undo could need: of the newest five revisions, and what no host could pull again', async () => {
  const { prisma } = stage.cluster.database;
  const { stackId } = await prisma.service.findUniqueOrThrow({ where: { id: stage.serviceId } });
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
      sealedEnvironment: stage.cluster.cluster.keys.seal('{}', SEALED.environment(id)),
      pin: number === 1 ? local : pulled,
    };
  });
  await prisma.revision.createMany({ data: revisions });
  const identity = await stage.joined('keeps');
  await stage.assign(identity.nodeId, { serviceId: changed, revisionId: revisions[7]?.id });
  const agent = await connectAgent(stage.server.url, identity);
  await expect.poll(() => agent.documents.at(-1)?.keepImages).toEqual([1, 2, 4, 5, 6, 7, 8].map(digest));
  agent.close();
});

test('D3 a server that comes with another assignment key of the same CA is obeyed', async () => {
  const ca = createCa(stage.cluster.cluster);
  const assignment = await makeAssignmentKey(stage.cluster.cluster.ca, stage.cluster.cluster.clusterId);
  const rotated = await stage.cluster.startServer({ ca: { ...ca, assignment } });
  const identity = await stage.joined('rotated');
  await stage.assign(identity.nodeId);
  const before = await connectAgent(stage.server.url, identity);
  await expect.poll(() => before.documents.map(({ generation }) => generation)).toEqual([1]);
  const have = { epoch: before.documents[0]?.epoch ?? 0, generation: 1 };
  const after = await connectAgent(rotated.url, identity, { have });
  await stage.assign(identity.nodeId);
  await expect.poll(() => after.documents.map(({ generation }) => generation)).toEqual([2]);
  after.close();
  await rotated.stop();
});

test('D8 an agent that missed generations gets the newest one when it comes', async () => {
  const identity = await stage.joined('d8');
  for (let i = 0; i < 3; i += 1) await stage.assign(identity.nodeId);
  const agent = await connectAgent(stage.server.url, identity);
  await expect.poll(() => agent.documents.map(({ generation }) => generation)).toEqual([3]);
  agent.close();
});

test('D5 a large document travels in parts', async () => {
  const identity = await stage.joined('d5');
  const id = uuid();
  const contentBase64 = Buffer.alloc(400_000, 1).toString('base64');
  await stage.cluster.database.prisma.storedFile.create({
    data: { id, kind: 'config', projectId: stage.cluster.rootId, name: 'big' },
  });
  await stage.cluster.database.prisma.storedFileVersion.create({
    data: {
      id: uuid(),
      fileId: id,
      version: 1,
      size: 400_000,
      createdBy: 'x',
      sealed: stage.cluster.cluster.keys.seal(contentBase64, SEALED.file(id, 1)),
    },
  });
  const { spec, ...revision } = await stage.cluster.database.prisma.revision.findUniqueOrThrow({
    where: { id: stage.revisionId },
  });
  const withFile = uuid();
  await stage.cluster.database.prisma.revision.create({
    data: {
      ...(revision as object),
      id: withFile,
      number: 2,
      spec: {
        ...(spec as object),
        configs: [{ source: 'big', target: '/big', uid: '0', gid: '0', mode: 292 }],
      },
      sealedEnvironment: stage.cluster.cluster.keys.seal('{}', SEALED.environment(withFile)),
      filePins: [{ kind: 'config', source: 'big', objectId: id, version: 1 }],
    } as never,
  });
  await stage.assign(identity.nodeId, { revisionId: withFile });
  const agent = await connectAgent(stage.server.url, identity);
  await expect.poll(() => agent.documents[0]?.tasks[0]?.configs[0]?.contentBase64).toBe(contentBase64);
  agent.close();
});

test('a host of the same network hears at once that a task elsewhere is ready, and when it no longer is', async () => {
  const [one, two] = [await stage.joined('net1'), await stage.joined('net2')];
  const networkId = uuid();
  const { stackId } = await stage.cluster.database.prisma.service.findUniqueOrThrow({
    where: { id: stage.serviceId },
  });
  await stage.cluster.database.prisma.network.create({
    data: {
      id: networkId,
      projectId: stage.cluster.rootId,
      stackId,
      name: 'default',
      vni: 4242,
      subnet: '10.200.0.0/22',
    },
  });
  const place = async (nodeId: string, end: number): Promise<string> => {
    const address = `10.200.0.${end}`;
    const taskId = await stage.assign(nodeId, {
      networks: [{ networkId, address, mac: `0a:58:00:00:00:${end}`, aliases: ['www'] }],
    });
    await stage.cluster.database.prisma.address.createMany({
      data: [
        { networkId, address, mac: `0a:58:00:00:00:${end}`, taskId },
        { networkId, address: `10.200.0.${end + 1}`, mac: `0a:58:00:00:01:${end}`, nodeId },
      ],
    });
    await stage.cluster.database.transaction((tx) =>
      raiseGenerations(tx, { nodeIds: [], networkIds: [networkId] }),
    );
    return taskId;
  };
  await place(one.nodeId, 10);
  const there = await place(two.nodeId, 20);
  const here = await connectAgent(stage.server.url, one);
  const remote = await connectAgent(stage.server.url, two);
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
  const other = await stage.cluster.startServer();
  const identity = await stage.joined('q1');
  const found = { found: true, imageId: 'x', repoDigests: [] };
  const agent = await connectAgent(stage.server.url, identity, {}, () => ({ ok: true, value: found }));
  const body = { kind: 'find-image' as const, reference: 'web:1' };
  expect(await stage.server.agents.askAgent(identity.nodeId, body)).toEqual(found);
  await expect.poll(() => other.agents.askAgent(identity.nodeId, body).catch(() => undefined)).toEqual(found);
  expect(await stage.cluster.database.prisma.agentRequest.count()).toBe(0);
  agent.close();
  await expect.poll(async () => (await stage.nodeRow(identity.nodeId)).connectedTo).toBeNull();
  await expect(other.agents.askAgent(identity.nodeId, body)).rejects.toMatchObject({
    code: 'node.unreachable',
  });
  await other.stop();
});

/** As many containers as make several messages. */
const containers = Array.from({ length: 1_500 }, (_, i) => ({
  ...{ id: `${i}`.padStart(64, '0'), name: `web-${i}`, image: 'web:1 – “x”', imageId: 'sha256:x' },
  ...{ state: 'running', status: 'Up', createdAt: new Date(0).toISOString(), ports: [], volumes: [] },
  compose: { project: 'p'.repeat(200), service: 's', number: i },
}));

test('Q3 a list of many containers travels in parts, also to a server that does not hold the connection', async () => {
  const other = await stage.cluster.startServer();
  const identity = await stage.joined('q3');
  const sizes: number[] = [];
  const agent = await connectAgent(stage.server.url, identity, {}, (_, request, socket) =>
    giveAnswer(request, { ok: true, value: containers }, async (part) => {
      sizes.push(part.bytes.byteLength);
      return (await socket.emitWithAck('answer', part)).stored;
    }),
  );
  const body = { kind: 'containers' as const };
  expect(await stage.server.agents.askAgent(identity.nodeId, body)).toEqual(containers);
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
  expect(await other.agents.askAgent(identity.nodeId, body)).toEqual(containers);
  // Nobody waits for it any more.
  const late = { id: uuid(), part: 0, bytes: Buffer.from('x') };
  expect(await agent.socket.emitWithAck('answer', late)).toEqual({ stored: false });
  agent.close();
  await other.stop();
});

test('V1 Q3 an agent that knows of no parts answers whole', async () => {
  const identity = await stage.joined('q3-old');
  const agent = await connectAgent(stage.server.url, identity, {}, () => ({ ok: true, value: containers }));
  expect(await stage.server.agents.askAgent(identity.nodeId, { kind: 'containers' })).toEqual(containers);
  agent.close();
});

test('Q1 a question that is not answered in time says so', async () => {
  const identity = await stage.joined('q1-late');
  const agent = await connectAgent(stage.server.url, identity, {}, () => new Promise(() => undefined));
  const asked = stage.server.agents.askAgent(identity.nodeId, { kind: 'containers' }, { timeoutMs: 50 });
  await expect(asked).rejects.toMatchObject({ code: 'deadline.exceeded' });
  agent.close();
});

test('V3 a task that asks for what an agent does not know is kept from it, and told to it once it is upgraded', async () => {
  const { prisma } = stage.cluster.database;
  const revision = await prisma.revision.findUniqueOrThrow({ where: { id: stage.revisionId } });
  const id = uuid();
  const spec = { ...(revision.spec as object), networkMode: 'bridge' };
  await prisma.revision.create({
    data: {
      ...{ id, serviceId: stage.serviceId, number: 99, stackVersion: 1, specHash: 'y', createdBy: 'admin' },
      ...{ spec, pin: revision.pin as object },
      sealedEnvironment: stage.cluster.cluster.keys.seal('{}', SEALED.environment(id)),
    },
  });
  const identity = await stage.joined('older');
  await stage.assign(identity.nodeId, { revisionId: id });
  const known = await stage.assign(identity.nodeId);
  const older = await connectAgent(stage.server.url, identity);
  await expect.poll(() => older.documents.at(-1)?.tasks.map(({ taskId }) => taskId)).toEqual([known]);
  older.close();
  const features = ['network-mode-bridge'];
  const newer = await connectAgent(stage.server.url, identity, { facts: { ...facts(), features } });
  await expect.poll(() => newer.documents.at(-1)?.tasks).toHaveLength(2);
  newer.close();
});
