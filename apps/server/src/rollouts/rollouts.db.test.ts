import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createContext } from '../platform/http/context.ts';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/fake-registry.ts';
import { applyDeploy, type DeployDeps } from '../stacks/deploy.service.ts';
import { createRevisionCache } from '../stacks/revision-cache.ts';
import { everyService } from './dirty.store.ts';
import { createFakeAgents, type FakeAgents } from './fake-agents.ts';
import { stepServices } from './step.ts';

describe('rollouts on a real database', () => {
  let test: TestDatabase;
  let registry: FakeRegistry;
  let deps: DeployDeps;
  let agents: FakeAgents;
  const revisionsOf = createRevisionCache();
  const ctx = createContext(
    { kind: 'user', userId: uuid(), name: 'admin', administrator: true },
    { address: '127.0.0.1', via: 'browser' },
  );
  ctx.authorize('service.deploy', '/');

  beforeAll(async () => {
    test = await createTestDatabase();
    registry = await startFakeRegistry();
    const { prisma } = test.database;
    const projectId = uuid();
    await prisma.project.create({ data: { id: projectId, path: '/' } });
    await prisma.cluster.create({ data: { id: uuid(), name: 'test', keyCheck: '' } });
    await prisma.registry.create({
      data: { id: uuid(), projectId, host: registry.host, plainHttp: true, allowPrivateAddress: true },
    });
    agents = createFakeAgents(test.database);
    deps = {
      database: test.database,
      keys: createKeys(randomBytes(32)),
      askAgent: () => Promise.reject(new Error('no agent here')),
    };
    for (const name of ['a', 'b', 'c']) await agents.addNode(name);
  });
  afterAll(async () => {
    await registry.close();
    await test.drop();
  });

  const step = async () => {
    const { prisma } = test.database;
    return stepServices(test.database, revisionsOf, await everyService(prisma), new Date());
  };
  /** Steps and obedient agents in turn until nothing moves any more. */
  const settle = async (outcome?: Parameters<FakeAgents['obey']>[0]): Promise<void> => {
    for (let round = 0; round < 60; round += 1) {
      const { acted } = await step();
      const moved = await agents.obey(outcome);
      if (acted === 0 && moved === 0) return;
    }
    throw new Error('it never settled');
  };
  const apply = (name: string, compose: string) =>
    applyDeploy(deps, ctx, {
      project: '/',
      name,
      sent: { files: { 'compose.yaml': compose }, entry: 'compose.yaml', values: {}, profiles: [] },
    });
  const live = (stack: string) =>
    test.database.prisma.task.findMany({
      where: {
        service: { stack: { name: stack } },
        state: { notIn: ['complete', 'stopped', 'failed', 'rejected', 'lost'] },
      },
      orderBy: { slot: 'asc' },
    });

  it('brings an applied file to running tasks, spread over the nodes, and removes it again', async () => {
    registry.push('shop/web', '1');
    const compose = `
services:
  web:
    image: ${registry.host}/shop/web:1
    deploy: { replicas: 6 }
    volumes: [ "data:/data" ]
  api:
    image: ${registry.host}/shop/web:1
    deploy: { replicas: 3 }
volumes: { data: {} }
`;
    const began = performance.now();
    const applied = await apply('shop', compose);
    const appliedMs = performance.now() - began;
    await step();
    const assignedMs = performance.now() - began;
    expect(applied.services.map(({ action }) => action)).toEqual(['create', 'create']);
    const tasks = await live('shop');
    expect(tasks.map(({ state }) => state)).toEqual(Array(9).fill('assigned'));
    const api = tasks.filter(({ hasLocalVolume }) => !hasLocalVolume);
    expect(new Set(api.map(({ nodeId }) => nodeId)).size).toBe(3);
    expect(new Set(tasks.filter((t) => t.hasLocalVolume).map(({ nodeId }) => nodeId)).size).toBe(1);
    const addresses = tasks.flatMap(({ networks }) =>
      (networks as { address: string }[]).map((n) => n.address),
    );
    expect(new Set(addresses).size).toBe(9);
    console.log({ appliedMs, assignedMs });
    await settle();
    expect((await live('shop')).every(({ ready }) => ready)).toBe(true);
  });
});
