import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../test-server.ts';
import { releaseAddresses, reserveAddresses } from './addresses.store.ts';
import { createNetworks, deleteNetwork } from './networks.store.ts';

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.close());

describe('a network of a stack', () => {
  it('gets neither the subnet nor the number of one that was just removed', async () => {
    const { database } = test.server.platform;
    const { id: projectId } = await database.prisma.project.findFirstOrThrow();
    const stack = await database.prisma.stack.create({ data: { id: uuid(), name: 'shop', projectId } });
    const given = await database.transaction(async (tx) => {
      const rows = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const [made] = await createNetworks(tx, stack, [{ name: 'default', internal: false }]);
        const { id, subnet, vni } = await tx.network.findUniqueOrThrow({ where: { id: made?.id ?? '' } });
        rows.push({ subnet, vni });
        await deleteNetwork(tx, id);
      }
      return rows;
    });
    expect(new Set(given.map(({ subnet }) => subnet)).size).toBe(3);
    expect(new Set(given.map(({ vni }) => vni)).size).toBe(3);
  });

  it('gets back the address of a host that was removed, and keeps that of one that is there', async () => {
    const { database } = test.server.platform;
    const { prisma } = database;
    const { id: projectId } = await prisma.project.findFirstOrThrow();
    const stack = await prisma.stack.create({ data: { id: uuid(), name: 'fleet', projectId } });
    const nodes = ['stays', 'goes'].map((name) => ({ id: uuid(), name, projectId, facts: {} }));
    await prisma.node.createMany({ data: nodes });
    const networkId = await database.transaction(async (tx) => {
      const [made] = await createNetworks(tx, stack, [{ name: 'default', internal: false }]);
      const networks = [{ networkId: made?.id ?? '', aliases: [] }];
      await reserveAddresses(
        tx,
        nodes.map(({ id }) => ({ taskId: uuid(), nodeId: id, networks })),
      );
      return made?.id ?? '';
    });
    await prisma.node.update({ where: { id: nodes[1]?.id ?? '' }, data: { removedAt: new Date() } });
    await releaseAddresses(prisma);
    const left = await prisma.address.findMany({ where: { networkId } });
    expect(left.map(({ nodeId }) => nodeId)).toEqual([nodes[0]?.id]);
  });
});
