import { randomBytes } from 'node:crypto';
import { FINAL_TASK_STATES } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Database, Tx } from '../platform/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createContext } from '../platform/http/context.ts';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { applyDeploy, type DeployDeps } from '../stacks/deploy.service.ts';
import { removeStack } from '../stacks/remove.service.ts';
import { createRevisionCache } from '../stacks/revision-cache.ts';
import { everyService } from './dirty.store.ts';
import { stepServices } from './step.ts';
import { createFakeAgents, type FakeAgents } from './test-agents.ts';

/** Calls `onStatement` before each statement of a transaction; what it throws ends the transaction, as a kill would. */
export const watchStatements = (database: Database, onStatement: () => void): Database => {
  const watch = (tx: Tx): Tx =>
    new Proxy(tx, {
      get: (target, key) => {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value === 'function')
          return (...args: unknown[]) => {
            onStatement();
            return (value as (...all: unknown[]) => unknown).apply(target, args);
          };
        return typeof value === 'object' && value !== null ? watch(value as Tx) : value;
      },
    });
  return {
    ...database,
    transaction: (work, options) => database.transaction((tx) => work(watch(tx)), options),
  };
};

/** What an obedient host's task does; tests give their own where one is to fail. */
export type Outcome = Parameters<FakeAgents['obey']>[0];

/**
 * A database, a registry with `shop/web:1` to `:3` and three obedient hosts for the tests of one file; each test
 * begins with no stack. What is made before all tests is read through getters.
 */
export const useRolloutWorld = () => {
  let test: TestDatabase;
  let registry: FakeRegistry;
  let deps: DeployDeps;
  let agents: FakeAgents;
  let nodes: string[];
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
    nodes = [];
    for (const name of ['a', 'b', 'c']) nodes.push(await agents.addNode(name));
    for (const tag of ['1', '2', '3']) registry.push('shop/web', tag);
  });
  afterAll(async () => {
    await registry.close();
    await test.drop();
  });
  beforeEach(async () => {
    const stacks = await test.database.prisma.stack.findMany({ where: { removedAt: null } });
    for (const { id } of stacks) await removeStack(test.database, ctx, id, 'remove');
    await settle();
  });

  const step = async (cache = revisionsOf, couldHearSince?: number) =>
    stepServices(test.database, cache, await everyService(test.database.prisma), new Date(), couldHearSince);
  /** Steps and obedient agents in turn until nothing moves any more. */
  const settle = async (outcome?: Outcome): Promise<void> => {
    for (let round = 0; round < 80; round += 1) {
      const { acted } = await step();
      const moved = await agents.obey(outcome);
      if (acted === 0 && moved === 0) return;
    }
    throw new Error('it never settled');
  };
  const compose = (
    tag: number,
    replicas: number,
    update = 'parallelism: 1, order: start-first, monitor: 0s',
  ) => `
services:
  web:
    image: ${registry.host}/shop/web:${tag}
    deploy: { replicas: ${replicas}, update_config: { ${update} }, rollback_config: { parallelism: 0, monitor: 0s } }
`;
  const apply = async (name: string, text: string) => {
    const sent = { files: { 'compose.yaml': text }, entry: 'compose.yaml', values: {}, profiles: [] };
    return applyDeploy(deps, ctx, { project: '/', name, sent });
  };
  const deploy = async (name: string, text: string): Promise<string> => {
    const { services } = await apply(name, text);
    await settle();
    return services[0]?.id ?? '';
  };
  const live = (serviceId: string) =>
    test.database.prisma.task.findMany({
      where: { serviceId, state: { notIn: [...FINAL_TASK_STATES] } },
      orderBy: { slot: 'asc' },
    });
  const lastRollout = (serviceId: string) =>
    test.database.prisma.rollout.findFirstOrThrow({ where: { serviceId }, orderBy: { number: 'desc' } });
  const revisionsRunning = async (serviceId: string) => {
    const rows = await test.database.prisma.revision.findMany({ where: { serviceId } });
    const numberOf = new Map(rows.map(({ id, number }) => [id, number]));
    return (await live(serviceId)).map(({ revisionId }) => numberOf.get(revisionId));
  };

  return {
    ...{ ctx, revisionsOf, step, settle, compose, apply, deploy, live, lastRollout, revisionsRunning },
    get database(): Database {
      return test.database;
    },
    get deps() {
      return deps;
    },
    get agents() {
      return agents;
    },
    get nodes() {
      return nodes;
    },
    get registry() {
      return registry;
    },
  };
};
