import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database, Tx } from '../platform/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createContext } from '../platform/http/context.ts';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { applyDeploy, type DeployDeps } from '../stacks/deploy.service.ts';
import {
  restartService,
  rollService,
  scaleService,
  startService,
  stopService,
} from '../stacks/operations.service.ts';
import { removeStack } from '../stacks/remove.service.ts';
import { createRevisionCache } from '../stacks/revision-cache.ts';
import { takeOver } from '../stacks/take-over.service.ts';
import { everyService } from './dirty.store.ts';
import { steerRollout } from './steering.service.ts';
import { stepServices } from './step.ts';
import { createFakeAgents, type FakeAgents } from './test-agents.ts';

/** Calls `onStatement` before each statement of a transaction; what it throws ends the transaction, as a kill would. */
const watchStatements = (database: Database, onStatement: () => void): Database => {
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

const FINAL = ['complete', 'stopped', 'failed', 'rejected', 'lost'];

describe('rollouts on a real database', { timeout: 120_000 }, () => {
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

  const step = async (cache = revisionsOf) =>
    stepServices(test.database, cache, await everyService(test.database.prisma), new Date());
  type Outcome = Parameters<FakeAgents['obey']>[0];
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
      where: { serviceId, state: { notIn: FINAL } },
      orderBy: { slot: 'asc' },
    });
  const lastRollout = (serviceId: string) =>
    test.database.prisma.rollout.findFirstOrThrow({ where: { serviceId }, orderBy: { number: 'desc' } });
  const revisionsRunning = async (serviceId: string) => {
    const rows = await test.database.prisma.revision.findMany({ where: { serviceId } });
    const numberOf = new Map(rows.map(({ id, number }) => [id, number]));
    return (await live(serviceId)).map(({ revisionId }) => numberOf.get(revisionId));
  };

  it('bring an applied file to running tasks, spread over the nodes, with a volume on one', async () => {
    const { services } = await apply(
      'shop',
      `
services:
  db:
    image: ${registry.host}/shop/web:1
    deploy: { replicas: 4 }
    volumes: [ "data:/data" ]
  web:
    image: ${registry.host}/shop/web:1
    deploy: { replicas: 3 }
volumes: { data: {} }
`,
    );
    await step();
    const [db, web] = services.map(({ id }) => id);
    const dbTasks = await live(db ?? '');
    const webTasks = await live(web ?? '');
    expect([...dbTasks, ...webTasks].map(({ state }) => state)).toEqual(Array(7).fill('assigned'));
    expect(new Set(webTasks.map(({ nodeId }) => nodeId)).size).toBe(3);
    expect(new Set(dbTasks.map(({ nodeId }) => nodeId)).size).toBe(1);
    const addresses = [...dbTasks, ...webTasks].flatMap(({ networks }) =>
      (networks as { address: string; mac: string }[]).map(({ address }) => address),
    );
    expect(new Set(addresses).size).toBe(7);
    await settle();
    expect((await live(web ?? '')).every(({ ready }) => ready)).toBe(true);
  });

  it('assign thirty tasks with as few statements as three', async () => {
    const statementsFor = async (name: string, replicas: number): Promise<number> => {
      let count = 0;
      const counting = watchStatements(test.database, () => {
        count += 1;
      });
      const { services } = await apply(name, compose(1, replicas));
      await stepServices(counting, revisionsOf, await everyService(test.database.prisma), new Date());
      expect(await live(services[0]?.id ?? '')).toHaveLength(replicas);
      return count;
    };
    const few = await statementsFor('few', 3);
    await settle();
    expect(await statementsFor('many', 30)).toBeLessThanOrEqual(few + 1);
  });

  it('turn every slot to the new revision, never fewer ready than wanted with start-first', async () => {
    const id = await deploy('roll', compose(1, 3));
    await apply('roll', compose(2, 3));
    for (let round = 0; round < 60; round += 1) {
      const { acted } = await step();
      const ready = (await live(id)).filter((task) => task.ready && task.desired === 'running');
      expect(ready.length).toBeGreaterThanOrEqual(3);
      if ((await agents.obey()) === 0 && acted === 0) break;
    }
    expect(await revisionsRunning(id)).toEqual([2, 2, 2]);
    expect((await lastRollout(id)).state).toBe('succeeded');
  });

  it('roll back by themselves when the new revision fails, and the service is on the old one', async () => {
    const policy = 'parallelism: 1, order: start-first, monitor: 0s, failure_action: rollback';
    const id = await deploy('bad', compose(1, 3, policy));
    await apply('bad', compose(2, 3, policy));
    const { toRevisionId } = await lastRollout(id);
    await settle(({ revisionId }) => (revisionId === toRevisionId ? 'failed' : 'ready'));
    expect((await lastRollout(id)).state).toBe('rolled back');
    expect(await revisionsRunning(id)).toEqual([1, 1, 1]);
  });

  it('F-23 a second apply supersedes the first, and the last one wins', async () => {
    const id = await deploy('twice', compose(1, 3));
    await apply('twice', compose(2, 3));
    await step();
    await agents.obey();
    await apply('twice', compose(3, 3));
    await settle();
    expect(await revisionsRunning(id)).toEqual([3, 3, 3]);
    const rollouts = await test.database.prisma.rollout.findMany({
      where: { serviceId: id },
      orderBy: { number: 'asc' },
    });
    expect(rollouts.map(({ state }) => state)).toEqual(['succeeded', 'superseded', 'succeeded']);
  });

  it('F-23 an abort during a rollback leaves what runs, and a later undo puts it right', async () => {
    const policy = 'parallelism: 1, order: start-first, monitor: 0s, failure_action: rollback';
    const id = await deploy('abort', compose(1, 3, policy));
    await apply('abort', compose(2, 3, policy));
    const { toRevisionId, id: rolloutId } = await lastRollout(id);
    const failing: Outcome = ({ revisionId, slot }) =>
      revisionId === toRevisionId && slot === 3 ? 'failed' : 'ready';
    for (let round = 0; round < 30; round += 1) {
      await step();
      if ((await lastRollout(id)).state === 'rolling back') break;
      await agents.obey(failing);
    }
    await steerRollout(deps, ctx, rolloutId, 'abort');
    await settle();
    expect((await lastRollout(id)).state).toBe('aborted');
    expect(await live(id)).toHaveLength(3);
    await rollService(deps, ctx, id, 1);
    await settle();
    expect(await revisionsRunning(id)).toEqual([1, 1, 1]);
  });

  it('F-23 of two people who apply at once one is told, and nothing is half done', async () => {
    await deploy('both', compose(1, 1));
    const outcomes = await Promise.allSettled([apply('both', compose(2, 1)), apply('both', compose(3, 1))]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict.version' });
    await settle();
    const open = await test.database.prisma.rollout.count({
      where: { service: { stack: { name: 'both' } }, state: { in: ['running', 'paused', 'rolling back'] } },
    });
    expect(open).toBe(0);
  });

  it('F-23 a stack removed during its rollout ends with nothing left', async () => {
    const id = await deploy('gone', compose(1, 3));
    const { stackId } = await apply('gone', compose(2, 3));
    await step();
    await removeStack(test.database, ctx, stackId, 'keep');
    await settle();
    expect(await live(id)).toEqual([]);
    const stack = await test.database.prisma.stack.findUniqueOrThrow({ where: { id: stackId } });
    expect(stack.removedAt).not.toBeNull();
    expect(await test.database.prisma.network.count({ where: { stackId } })).toBe(0);
  });

  it('pause between batches and go on where they were', async () => {
    const id = await deploy('pause', compose(1, 3));
    await apply('pause', compose(2, 3));
    const { id: rolloutId } = await lastRollout(id);
    await step();
    await steerRollout(deps, ctx, rolloutId, 'pause');
    await settle();
    expect((await revisionsRunning(id)).filter((number) => number === 1).length).toBeGreaterThanOrEqual(2);
    await steerRollout(deps, ctx, rolloutId, 'resume');
    await settle();
    expect(await revisionsRunning(id)).toEqual([2, 2, 2]);
  });

  it('scale up and down while rolling', async () => {
    const id = await deploy('scale', compose(1, 3));
    await apply('scale', compose(2, 3));
    await step();
    await agents.obey();
    await scaleService(deps, ctx, id, 5);
    await settle();
    expect(await revisionsRunning(id)).toEqual([2, 2, 2, 2, 2]);
    await scaleService(deps, ctx, id, 2);
    await settle();
    expect(await live(id)).toHaveLength(2);
  });

  it('restart replaces every task and keeps the revision', async () => {
    const id = await deploy('restart', compose(1, 2));
    const before = new Set((await live(id)).map((task) => task.id));
    await restartService(deps, ctx, id);
    await settle();
    const after = await live(id);
    expect(after.map((task) => before.has(task.id))).toEqual([false, false]);
    expect(await revisionsRunning(id)).toEqual([1, 1]);
  });

  it('stop ends every task, and an apply starts them again', async () => {
    const id = await deploy('stop', compose(1, 2));
    await stopService(deps, ctx, id);
    await settle();
    expect(await live(id)).toEqual([]);
    await apply('stop', compose(1, 2));
    await settle();
    expect(await live(id)).toHaveLength(2);
  });

  it('are paused by a stop of the service, and go on when it is started', async () => {
    const id = await deploy('stop-rolling', compose(1, 3));
    await apply('stop-rolling', compose(2, 3));
    await step();
    await stopService(deps, ctx, id);
    await settle();
    expect(await live(id)).toEqual([]);
    const rollout = () =>
      test.database.prisma.rollout.findFirstOrThrow({
        where: { serviceId: id },
        orderBy: { number: 'desc' },
      });
    const { id: rolloutId } = await rollout();
    expect(await rollout()).toMatchObject({ state: 'paused', reason: 'paused by stopping the service' });
    await expect(steerRollout(deps, ctx, rolloutId, 'resume')).rejects.toThrow('is stopped');
    await startService(deps, ctx, id);
    await settle();
    expect(await rollout()).toMatchObject({ id: rolloutId, state: 'succeeded' });
    const tasks = await live(id);
    expect(tasks).toHaveLength(3);
    expect(new Set(tasks.map(({ revisionId }) => revisionId))).toEqual(
      new Set([(await rollout()).toRevisionId]),
    );
  });

  it('replace the tasks of a lost node, but wait with those whose data is there', async () => {
    const { services } = await apply(
      'lost',
      `
services:
  db: { image: "${registry.host}/shop/web:1", volumes: [ "data:/data" ] }
  web: { image: "${registry.host}/shop/web:1", deploy: { replicas: 3 } }
volumes: { data: {} }
`,
    );
    await settle();
    const [db = '', web = ''] = services.map(({ id }) => id);
    const nodeId = (await live(db))[0]?.nodeId ?? '';
    const { prisma } = test.database;
    await prisma.node.update({ where: { id: nodeId }, data: { state: 'lost', version: { increment: 1 } } });
    await step();
    const webTasks = (await live(web)).filter(({ desired }) => desired === 'running');
    expect(webTasks.every((task) => task.nodeId !== nodeId)).toBe(true);
    expect(webTasks).toHaveLength(3);
    expect((await live(db)).map((task) => task.nodeId)).toEqual([nodeId]);
    await prisma.node.update({ where: { id: nodeId }, data: { state: 'ready', version: { increment: 1 } } });
    await settle();
  });

  it('drain a node with its replacement ready before the old task stops', async () => {
    const id = await deploy('drain', compose(1, 3));
    const { prisma } = test.database;
    const nodeId = nodes[0] ?? '';
    await prisma.node.update({
      where: { id: nodeId },
      data: { availability: 'draining', version: { increment: 1 } },
    });
    for (let round = 0; round < 20; round += 1) {
      const { acted } = await step();
      expect(
        (await live(id)).filter((task) => task.ready && task.desired === 'running').length,
      ).toBeGreaterThanOrEqual(3);
      if ((await agents.obey()) === 0 && acted === 0) break;
    }
    expect((await live(id)).some((task) => task.nodeId === nodeId)).toBe(false);
    await prisma.node.update({
      where: { id: nodeId },
      data: { availability: 'active', version: { increment: 1 } },
    });
  });

  it('say why a task has no node, and place it when one fits', async () => {
    const text = compose(1, 1).replace(
      'deploy: {',
      'deploy: { placement: { constraints: ["node.labels.disk == fast"] },',
    );
    const { services } = await apply('picky', text);
    await step();
    const [task] = await live(services[0]?.id ?? '');
    expect(task).toMatchObject({ state: 'pending', nodeId: null });
    expect(task?.reason).toMatch(/no node fits/);
    const { prisma } = test.database;
    await prisma.node.update({
      where: { id: nodes[1] ?? '' },
      data: { labels: { disk: 'fast' }, version: { increment: 1 } },
    });
    await settle();
    expect((await live(services[0]?.id ?? ''))[0]).toMatchObject({ state: 'running', nodeId: nodes[1] });
    await prisma.node.update({
      where: { id: nodes[1] ?? '' },
      data: { labels: {}, version: { increment: 1 } },
    });
  });

  it('run once on every node in global mode, with a volume on each', async () => {
    const { services } = await apply(
      'everywhere',
      `
services:
  agent:
    image: ${registry.host}/shop/web:1
    deploy: { mode: global }
    volumes: [ "cache:/cache" ]
volumes: { cache: {} }
`,
    );
    await settle();
    const tasks = await live(services[0]?.id ?? '');
    expect(new Set(tasks.map(({ nodeId }) => nodeId))).toEqual(new Set(nodes));
    const volumes = tasks.flatMap((task) =>
      (task.volumes as { volumeId: string }[]).map(({ volumeId }) => volumeId),
    );
    expect(new Set(volumes).size).toBe(3);
  });

  it('hold back what depends on another service until it is ready', async () => {
    const { services } = await apply(
      'chain',
      `
services:
  db: { image: "${registry.host}/shop/web:1" }
  web: { image: "${registry.host}/shop/web:1", depends_on: { db: { condition: service_healthy } } }
`,
    );
    const [db = '', web = ''] = services.map(({ id }) => id);
    await step();
    expect(await live(db)).toHaveLength(1);
    expect(await live(web)).toHaveLength(0);
    await agents.obey();
    await stepServices(test.database, revisionsOf, [db], new Date());
    expect(await live(web)).toHaveLength(1);
  });

  it('take over a running Compose project, container by container, with its volumes', async () => {
    const asking: DeployDeps = {
      ...deps,
      askAgent: (async () =>
        [1, 2].map((number) => ({
          ...{
            id: `old${number}`,
            name: `legacy-web-${number}`,
            image: 'x',
            imageId: 'y',
            state: 'running',
            status: 'Up',
          },
          ...{ createdAt: new Date().toISOString(), ports: [] },
          compose: { project: 'legacy', service: 'web', number },
          volumes: [{ name: 'legacy_data', target: '/data', driver: 'local', composeProject: 'legacy' }],
        }))) as unknown as DeployDeps['askAgent'],
    };
    const text = `${compose(1, 1)}    volumes: ["data:/data"]\nvolumes: { data: {} }\n`;
    const stackId = await takeOver(asking, ctx, {
      ...{ nodeId: nodes[2] ?? '', project: '/', composeProject: 'legacy', stackName: 'legacy' },
      sent: { files: { 'compose.yaml': text }, entry: 'compose.yaml', values: {}, profiles: [] },
    });
    const service = await test.database.prisma.service.findFirstOrThrow({ where: { stackId } });
    const tasks = await live(service.id);
    expect(tasks.map(({ nodeId, replacesContainer }) => [nodeId, replacesContainer])).toEqual([
      [nodes[2], 'old1'],
      [nodes[2], 'old2'],
    ]);
    await settle();
    expect((await live(service.id)).map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
    const volume = await test.database.prisma.volume.findFirstOrThrow({ where: { stackId } });
    expect(volume).toMatchObject({ engineName: 'legacy_data', nodeId: nodes[2] });
    expect((await lastRollout(service.id)).state).toBe('succeeded');
  });

  it('F-4 two leaders at once make no task twice', async () => {
    const { services } = await apply('leaders', compose(1, 10));
    const other = createRevisionCache();
    for (let round = 0; round < 6; round += 1) {
      await Promise.all([step(), step(other), step(), agents.obey()]);
      const slots = (await live(services[0]?.id ?? ''))
        .filter(({ desired }) => desired === 'running')
        .map(({ slot }) => slot);
      expect(new Set(slots).size).toBe(slots.length);
    }
    await settle();
    expect((await live(services[0]?.id ?? '')).map(({ slot }) => slot)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  it('F-1 a leader that dies inside a commit leaves nothing behind, and the next goes on', async () => {
    const id = await deploy('killed', compose(1, 3));
    await apply('killed', compose(2, 3));
    let writes = 0;
    let dieAt = 0;
    const dying = watchStatements(test.database, () => {
      writes += 1;
      if (writes === dieAt) throw new Error('killed');
    });
    for (dieAt = 1; dieAt <= 60; dieAt += 1) {
      writes = 0;
      const all = await everyService(test.database.prisma);
      await stepServices(dying, createRevisionCache(), all, new Date()).catch(() => {});
      const slots = (await live(id))
        .filter(({ desired, ready }) => desired === 'running' && !ready)
        .map(({ slot }) => slot);
      expect(new Set(slots).size).toBe(slots.length);
      await agents.obey();
      const ready = (await live(id)).filter((task) => task.ready && task.desired === 'running');
      expect(ready.length).toBeGreaterThanOrEqual(3);
    }
    await settle();
    expect(await revisionsRunning(id)).toEqual([2, 2, 2]);
  });
});
