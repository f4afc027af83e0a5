import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loseNodes } from '../nodes/leases.store.ts';
import { raiseGenerations } from './generation.store.ts';
import { SEALED } from './sealed.ts';
import { connectAgent, join } from './testing/test-agent.ts';
import { createTestCluster, type TestCluster, type TestServer } from './testing/test-cluster.ts';

let cluster: TestCluster;
let server: TestServer;
beforeAll(async () => {
  cluster = await createTestCluster();
  server = await cluster.startServer();
});
afterAll(() => cluster.stop());

/** A running, ready task on each of these nodes, all on one network. */
const placeOn = async (nodeIds: string[]): Promise<{ networkId: string; taskIds: string[] }> => {
  const { prisma } = cluster.database;
  const [stackId, serviceId, revisionId, networkId] = [uuid(), uuid(), uuid(), uuid()];
  await prisma.stack.create({ data: { id: stackId, projectId: cluster.rootId, name: 'shop' } });
  await prisma.service.create({ data: { id: serviceId, stackId, name: 'db' } });
  const digest = `sha256:${'a'.repeat(64)}`;
  await prisma.revision.create({
    data: {
      ...{ id: revisionId, serviceId, number: 1, stackVersion: 1, specHash: 'x', createdBy: 'admin' },
      spec: ServiceSpec.parse({ image: 'r.example/db:1' }),
      sealedEnvironment: cluster.cluster.keys.seal('{}', SEALED.environment(revisionId)),
      pin: {
        kind: 'digest',
        reference: 'r.example/db:1',
        registry: 'r.example',
        repository: 'db',
        digest,
      },
    },
  });
  await prisma.network.create({
    data: {
      ...{ id: networkId, projectId: cluster.rootId, stackId, name: 'default' },
      ...{ vni: 4343, subnet: '10.201.0.0/22' },
    },
  });
  const taskIds: string[] = [];
  for (const [index, nodeId] of nodeIds.entries()) {
    const id = uuid();
    const address = { networkId, address: `10.201.0.${10 + index}`, mac: `0a:58:00:00:00:0${index}` };
    const networks = [{ ...address, aliases: [] }];
    await prisma.task.create({
      data: {
        ...{ id, serviceId, revisionId, slot: index + 1, nodeId, networks },
        ...{ state: 'running', ready: true, hasLocalVolume: true },
      },
    });
    await prisma.address.createMany({
      data: [
        { ...address, taskId: id },
        { networkId, address: `10.201.0.${20 + index}`, mac: `0a:58:00:00:01:0${index}`, nodeId },
      ],
    });
    taskIds.push(id);
  }
  await cluster.database.transaction((tx) => raiseGenerations(tx, { nodeIds, networkIds: [networkId] }));
  return { networkId, taskIds };
};

test('names of a lost host are gone at once though its tasks wait for it with their data, and are back with it', async () => {
  const identities = [];
  for (const name of ['here', 'there'])
    identities.push(await join(server.url, cluster.caPem, await cluster.token(), name));
  const [one, two] = identities as [(typeof identities)[0], (typeof identities)[0]];
  const { prisma } = cluster.database;
  await prisma.node.updateMany({ data: { state: 'ready' } });
  const { networkId, taskIds } = await placeOn([one.nodeId, two.nodeId]);
  const here = await connectAgent(server.url, one);
  const told = () => here.readiness.at(-1)?.networks.map((network) => [...network.ready].sort());
  await expect.poll(told).toEqual([[...taskIds].sort()]);

  await prisma.node.update({ where: { id: two.nodeId }, data: { leaseUntil: new Date(Date.now() - 1_000) } });
  await cluster.database.transaction((tx) => loseNodes(tx, [two.nodeId], 5_000));
  await expect.poll(told).toEqual([taskIds.slice(0, 1)]);

  const returned = await connectAgent(server.url, two);
  const said = { taskId: taskIds[1] ?? '', state: 'running' as const, ready: true, attempt: 1 };
  await returned.report([{ ...said, at: new Date().toISOString(), imageReady: true, reason: '' }], {
    complete: true,
  });
  await expect.poll(told).toEqual([[...taskIds].sort()]);
  expect(here.readiness.at(-1)?.networks[0]?.networkId).toBe(networkId);
  here.close();
  returned.close();
});
