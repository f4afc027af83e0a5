import { describe, expect, it } from 'vitest';
import { parseChange } from '../live/changes.ts';
import { CHANGES_CHANNEL } from '../platform/db/database.ts';
import {
  restartService,
  rollService,
  scaleService,
  startService,
  stopService,
} from '../stacks/operations.service.ts';
import { everyService } from './dirty.store.ts';
import { steerRollout } from './steering.service.ts';
import { stepServices } from './step.ts';

import { useRolloutWorld, watchStatements } from './test-world.ts';

describe('rollouts on a real database', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, compose, ctx, deploy, lastRollout, live, revisionsOf, revisionsRunning, settle, step } =
    world;

  it('bring an applied file to running tasks, spread over the nodes, with a volume on one', async () => {
    const { services } = await apply(
      'shop',
      `
services:
  db:
    image: ${world.registry.host}/shop/web:1
    deploy: { replicas: 4 }
    volumes: [ "data:/data" ]
  web:
    image: ${world.registry.host}/shop/web:1
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
      const counting = watchStatements(world.database, () => {
        count += 1;
      });
      const { services } = await apply(name, compose(1, replicas));
      await stepServices(counting, revisionsOf, await everyService(world.database.prisma), new Date());
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
      if ((await world.agents.obey()) === 0 && acted === 0) break;
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

  it('pause between batches and go on where they were', async () => {
    const id = await deploy('pause', compose(1, 3));
    await apply('pause', compose(2, 3));
    const { id: rolloutId } = await lastRollout(id);
    await step();
    await steerRollout(world.deps, ctx, rolloutId, 'pause');
    await settle();
    expect((await revisionsRunning(id)).filter((number) => number === 1).length).toBeGreaterThanOrEqual(2);
    await steerRollout(world.deps, ctx, rolloutId, 'resume');
    await settle();
    expect(await revisionsRunning(id)).toEqual([2, 2, 2]);
  });

  it('scale up and down while rolling', async () => {
    const id = await deploy('scale', compose(1, 3));
    await apply('scale', compose(2, 3));
    await step();
    await world.agents.obey();
    await scaleService(world.deps, ctx, id, 5);
    await settle();
    expect(await revisionsRunning(id)).toEqual([2, 2, 2, 2, 2]);
    await scaleService(world.deps, ctx, id, 2);
    await settle();
    expect(await live(id)).toHaveLength(2);
  });

  it('restart replaces every task and keeps the revision', async () => {
    const id = await deploy('restart', compose(1, 2));
    const before = new Set((await live(id)).map((task) => task.id));
    await restartService(world.deps, ctx, id);
    await settle();
    const after = await live(id);
    expect(after.map((task) => before.has(task.id))).toEqual([false, false]);
    expect(await revisionsRunning(id)).toEqual([1, 1]);
  });

  it('stop ends every task, and an apply starts them again', async () => {
    const id = await deploy('stop', compose(1, 2));
    await stopService(world.deps, ctx, id);
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
    await stopService(world.deps, ctx, id);
    await settle();
    expect(await live(id)).toEqual([]);
    const rollout = () =>
      world.database.prisma.rollout.findFirstOrThrow({
        where: { serviceId: id },
        orderBy: { number: 'desc' },
      });
    const { id: rolloutId } = await rollout();
    expect(await rollout()).toMatchObject({ state: 'paused', reason: 'paused by stopping the service' });
    await expect(steerRollout(world.deps, ctx, rolloutId, 'resume')).rejects.toThrow('is stopped');
    await startService(world.deps, ctx, id);
    await settle();
    expect(await rollout()).toMatchObject({ id: rolloutId, state: 'succeeded' });
    const tasks = await live(id);
    expect(tasks).toHaveLength(3);
    expect(new Set(tasks.map(({ revisionId }) => revisionId))).toEqual(
      new Set([(await rollout()).toRevisionId]),
    );
  });

  it('write nothing while a rollout waits for that of another service', async () => {
    const file = (tag: number) => `
services:
  db: { image: "${world.registry.host}/shop/web:${tag}" }
  web:
    image: ${world.registry.host}/shop/web:1
    depends_on: { db: { condition: service_healthy, restart: true } }
`;
    const { services } = await apply('quiet', file(1));
    await settle();
    const web = services.find(({ name }) => name === 'web')?.id ?? '';
    await apply('quiet', file(2));
    const heard: string[] = [];
    const stop = world.database.listen(CHANGES_CHANNEL, (payload) => heard.push(payload ?? ''));
    await step();
    // Pages hear what it waits for; the loop of rollouts passes over what is only noted.
    const noted = () => heard.some((payload) => payload.includes(web) && parseChange(payload)?.note === true);
    await expect.poll(noted).toBe(true);
    stop();
    const row = () =>
      world.database.prisma.$queryRaw`SELECT xmin::text, next FROM "Service" WHERE id = ${web}::uuid`;
    const before = await row();
    expect(before).toMatchObject([{ next: 'Waiting for the rollout of db to end.' }]);
    await step();
    expect(await row()).toEqual(before);
    await settle();
  });

  it('take along what is to be restarted with a service, the one that is depended on first', async () => {
    const file = (tag: number) => `
services:
  db: { image: "${world.registry.host}/shop/web:${tag}", deploy: { update_config: { monitor: 0s } } }
  web:
    image: ${world.registry.host}/shop/web:1
    deploy: { replicas: 2, update_config: { monitor: 0s } }
    depends_on: { db: { condition: service_healthy, restart: true } }
  front:
    image: ${world.registry.host}/shop/web:1
    deploy: { update_config: { monitor: 0s } }
    depends_on: { web: { condition: service_started, restart: true } }
  other: { image: "${world.registry.host}/shop/web:1", depends_on: [ db ] }
`;
    const { services } = await apply('along', file(1));
    await settle();
    const idOf = (name: string) => services.find((service) => service.name === name)?.id ?? '';
    const [db, web, front, other] = ['db', 'web', 'front', 'other'].map(idOf) as [
      string,
      string,
      string,
      string,
    ];
    const idsOf = async (id: string) => (await live(id)).map((task) => task.id);
    const turned = async (id: string, before: readonly string[]) =>
      (await idsOf(id)).every((task) => !before.includes(task));
    const verbs: [string, () => Promise<unknown>][] = [
      ['restart', () => restartService(world.deps, ctx, db)],
      ['apply', () => apply('along', file(2))],
      ['roll', () => rollService(world.deps, ctx, db, 1)],
    ];
    for (const [verb, begin] of verbs) {
      const [dbBefore, webBefore, frontBefore, otherBefore] = [
        ...[await idsOf(db), await idsOf(web)],
        ...[await idsOf(front), await idsOf(other)],
      ] as [string[], string[], string[], string[]];
      await begin();
      for (let round = 0; round < 40; round += 1) {
        await step();
        const [webMade, frontMade] = [await idsOf(web), await idsOf(front)];
        if (webMade.some((id) => !webBefore.includes(id)))
          expect((await lastRollout(db)).state, verb).toBe('succeeded');
        if (frontMade.some((id) => !frontBefore.includes(id)))
          expect((await lastRollout(web)).state, verb).toBe('succeeded');
        await world.agents.obey();
        if ((await lastRollout(front)).state === 'succeeded') break;
      }
      expect([await turned(db, dbBefore), await turned(web, webBefore)], verb).toEqual([true, true]);
      expect(await turned(front, frontBefore), verb).toBe(true);
      expect(await idsOf(other), verb).toEqual(otherBefore);
    }
  });
});
