import { describe, expect, it } from 'vitest';
import { rollService } from '../stacks/operations.service.ts';
import { removeStack } from '../stacks/remove.service.ts';
import { createRevisionCache } from '../stacks/revision-cache.ts';
import { everyService } from './dirty.store.ts';
import { steerRollout } from './steering.service.ts';
import { stepServices } from './step.ts';

import { type Outcome, useRolloutWorld, watchStatements } from './test-world.ts';

describe('rollouts that two would move', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, compose, ctx, deploy, lastRollout, live, revisionsRunning, settle, step } = world;

  it('F-23 a second apply supersedes the first, and the last one wins', async () => {
    const id = await deploy('twice', compose(1, 3));
    await apply('twice', compose(2, 3));
    await step();
    await world.agents.obey();
    await apply('twice', compose(3, 3));
    await settle();
    expect(await revisionsRunning(id)).toEqual([3, 3, 3]);
    const rollouts = await world.database.prisma.rollout.findMany({
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
      await world.agents.obey(failing);
    }
    await steerRollout(world.deps, ctx, rolloutId, 'abort');
    await settle();
    expect((await lastRollout(id)).state).toBe('aborted');
    expect(await live(id)).toHaveLength(3);
    await rollService(world.deps, ctx, id, 1);
    await settle();
    expect(await revisionsRunning(id)).toEqual([1, 1, 1]);
  });

  it('F-23 an undo after an abort goes back to what was before the aborted one, and not further', async () => {
    const id = await deploy('undone', compose(1, 3));
    await apply('undone', compose(2, 3));
    await settle();
    await apply('undone', compose(3, 3));
    await step();
    await world.agents.obey();
    await step();
    await steerRollout(world.deps, ctx, (await lastRollout(id)).id, 'abort');
    await settle();
    expect(new Set(await revisionsRunning(id))).toEqual(new Set([2, 3]));
    await rollService(world.deps, ctx, id, undefined);
    await settle();
    expect(await revisionsRunning(id)).toEqual([2, 2, 2]);
    await rollService(world.deps, ctx, id, undefined);
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
    const open = await world.database.prisma.rollout.count({
      where: { service: { stack: { name: 'both' } }, state: { in: ['running', 'paused', 'rolling back'] } },
    });
    expect(open).toBe(0);
  });

  it('F-23 a stack removed during its rollout ends with nothing left', async () => {
    const id = await deploy('gone', compose(1, 3));
    const { stackId } = await apply('gone', compose(2, 3));
    await step();
    await removeStack(world.database, ctx, stackId, 'keep');
    await settle();
    expect(await live(id)).toEqual([]);
    const stack = await world.database.prisma.stack.findUniqueOrThrow({ where: { id: stackId } });
    expect(stack.removedAt).not.toBeNull();
    expect(await world.database.prisma.network.count({ where: { stackId } })).toBe(0);
  });

  it('hosts hear that the networks of a removed stack are gone with it', async () => {
    const { prisma } = world.database;
    const id = await deploy('bridges', compose(1, 3));
    const { stackId } = await prisma.service.findUniqueOrThrow({ where: { id } });
    const generations = async () =>
      (await prisma.node.aggregate({ _sum: { generation: true } }))._sum.generation ?? 0;
    const isGone = async () =>
      (await prisma.stack.findUniqueOrThrow({ where: { id: stackId } })).removedAt !== null;
    await removeStack(world.database, ctx, stackId, 'keep');
    let before = await generations();
    for (let round = 0; round < 20 && !(await isGone()); round += 1) {
      await world.agents.obey();
      before = await generations();
      await step();
    }
    expect(await isGone()).toBe(true);
    expect(await generations()).toBeGreaterThan(before);
  });

  it('F-4 two leaders at once make no task twice', async () => {
    const { services } = await apply('leaders', compose(1, 10));
    const other = createRevisionCache();
    for (let round = 0; round < 6; round += 1) {
      await Promise.all([step(), step(other), step(), world.agents.obey()]);
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
    const dying = watchStatements(world.database, () => {
      writes += 1;
      if (writes === dieAt) throw new Error('killed');
    });
    for (dieAt = 1; dieAt <= 60; dieAt += 1) {
      writes = 0;
      const all = await everyService(world.database.prisma);
      await stepServices(dying, createRevisionCache(), all, new Date()).catch(() => {});
      const slots = (await live(id))
        .filter(({ desired, ready }) => desired === 'running' && !ready)
        .map(({ slot }) => slot);
      expect(new Set(slots).size).toBe(slots.length);
      await world.agents.obey();
      const ready = (await live(id)).filter((task) => task.ready && task.desired === 'running');
      expect(ready.length).toBeGreaterThanOrEqual(3);
    }
    await settle();
    expect(await revisionsRunning(id)).toEqual([2, 2, 2]);
  });

  it('a placement is planned anew when its node moved between plan and commit', async () => {
    const { prisma } = world.database;
    const { services } = await apply('moved', compose(1, 3));
    const id = services[0]?.id ?? '';
    const [a = '', b = '', c = ''] = world.nodes;
    const cordon = (nodeIds: string[], availability: 'cordoned' | 'active') =>
      prisma.node.updateMany({
        where: { id: { in: nodeIds } },
        data: { availability, version: { increment: 1 } },
      });
    let commits = 0;
    const late: typeof world.database = {
      ...world.database,
      transaction: async (work, options) => {
        commits += 1;
        if (commits === 1) await cordon([a, b], 'cordoned');
        return world.database.transaction(work, options);
      },
    };
    await stepServices(late, createRevisionCache(), [id], new Date());
    expect(commits).toBe(2);
    expect((await live(id)).map(({ nodeId, slot }) => [slot, nodeId])).toEqual([1, 2, 3].map((s) => [s, c]));
    await cordon([a, b], 'active');
    await settle();
  });

  it('a node that moves at every try is given up on, and nothing of the placement is left', async () => {
    const { prisma } = world.database;
    const { services } = await apply('restless', compose(1, 1));
    const id = services[0]?.id ?? '';
    const restless: typeof world.database = {
      ...world.database,
      transaction: async (work, options) => {
        await prisma.node.updateMany({ data: { version: { increment: 1 } } });
        return world.database.transaction(work, options);
      },
    };
    await expect(stepServices(restless, createRevisionCache(), [id], new Date())).rejects.toMatchObject({
      code: 'conflict.version',
    });
    expect(await live(id)).toEqual([]);
    expect(await prisma.address.count({ where: { taskId: { not: null } } })).toBe(0);
    await settle();
    expect(await live(id)).toHaveLength(1);
  });
});
