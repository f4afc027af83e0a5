import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { rollService, scaleService } from '../stacks/operations.service.ts';
import { serviceDetail } from '../stacks/service-detail.ts';
import { rolloutView } from './rollout-view.ts';
import { useRolloutWorld } from './test-world.ts';

describe('what failed', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, compose, ctx, deploy, lastRollout, live, revisionsOf, settle, step } = world;

  const exit = async (taskId: string, reason: string) => {
    const endedAt = new Date();
    const record = {
      ...{ attempt: 1, containerId: 'c', endedAt: endedAt.toISOString(), exitCode: 137, outOfMemory: true },
      ...{ endedBy: 'itself', reason, logTail: `${'earlier\n'.repeat(20)}FATAL heap limit reached\n` },
    };
    await world.database.prisma.taskExit.create({
      data: { id: uuid(), taskId, attempt: 1, record, endedAt },
    });
  };
  /** The task ends as an agent says it does: its exit first, then its state. */
  const fail = async (taskId: string, reason: string) => {
    await exit(taskId, reason);
    await world.agents.setTask(taskId, 'failed', false);
  };
  const seen = async (serviceId: string) => serviceDetail(world.database.prisma, revisionsOf, ctx, serviceId);

  it('is said with its cause where the rollout was paused, and is gone when the service went back', async () => {
    const serviceId = await deploy('shop', compose(1, 3));
    await apply('shop', compose(2, 3, 'parallelism: 2, order: start-first, failure_action: pause'));
    await step();
    const { toRevisionId, id } = await lastRollout(serviceId);
    const fresh = (await live(serviceId)).filter(({ revisionId }) => revisionId === toRevisionId);
    expect(fresh.map(({ slot }) => slot)).toEqual([1, 2]);
    for (const task of fresh) await fail(task.id, 'the kernel ended it');
    await step();

    const reason = 'slots 1 and 2 failed (the kernel ended it): 2 of 3, and the policy allows none';
    expect(await lastRollout(serviceId)).toMatchObject({ state: 'paused', reason });
    const service = await seen(serviceId);
    expect(service.why).toContain(reason);
    const view = await rolloutView(world.database.prisma, revisionsOf, world.ctx, id);
    expect(view.estimateMs).toBeUndefined();
    expect(view.grid.slice(0, 2)).toMatchObject(
      fresh.map(({ id: taskId }) => ({ phase: 'failed', text: 'out of memory', revision: 2, taskId })),
    );
    const [first] = view.failures;
    expect(view.failures.map(({ slot }) => slot)).toEqual([1, 2]);
    expect(first).toMatchObject({ exitCode: 137, outOfMemory: true, reason: 'the kernel ended it' });
    expect(first?.log.split('\n')).toHaveLength(8);
    expect(first?.log).toMatch(/FATAL heap limit reached$/);

    await rollService(world.deps, ctx, serviceId, 1);
    await settle();
    expect((await seen(serviceId)).failures).toEqual([]);
    const after = await rolloutView(world.database.prisma, revisionsOf, world.ctx, id);
    expect(after.failures).toHaveLength(2);
  });

  it('is nothing that was ended as asked, though it was restarted once', async () => {
    const serviceId = await deploy('shop', compose(1, 2));
    const { id } = await lastRollout(serviceId);
    const [, second] = await live(serviceId);
    await exit(second?.id ?? '', 'it ended by itself');
    await scaleService(world.deps, ctx, serviceId, 1);
    await settle();
    expect((await seen(serviceId)).failures).toEqual([]);
    const past = await rolloutView(world.database.prisma, revisionsOf, world.ctx, id);
    expect(past.failures).toEqual([]);
  });

  it('is no claim about what is not known yet: that a task is no longer ready is told before how it ended', async () => {
    const serviceId = await deploy('shop', compose(1, 2));
    await apply('shop', compose(2, 2, 'parallelism: 1, failure_action: pause, monitor: 60s'));
    await step();
    await settle();
    const { toRevisionId } = await lastRollout(serviceId);
    const fresh = (await live(serviceId)).find(({ revisionId }) => revisionId === toRevisionId);
    const { id = '' } = fresh ?? {};
    await world.agents.setTask(id, 'running', false);
    await step();
    expect(await lastRollout(serviceId)).toMatchObject({ state: 'running', failedSlots: [] });
    await exit(id, 'it ended by itself with exit code 137');
    await step();
    expect((await lastRollout(serviceId)).reason).toBe(
      'slot 1 failed (it ended by itself with exit code 137): 1 of 2, and the policy allows none',
    );
  });

  it('is said of a task that is no longer ready though nobody says why', async () => {
    const serviceId = await deploy('shop', compose(1, 2));
    await apply('shop', compose(2, 2, 'parallelism: 1, failure_action: pause, monitor: 60s'));
    await step();
    await settle();
    const { id, toRevisionId } = await lastRollout(serviceId);
    const fresh = (await live(serviceId)).find(({ revisionId }) => revisionId === toRevisionId);
    await world.agents.setTask(fresh?.id ?? '', 'running', false);
    const unreadyAt = new Date(Date.now() - 2_000);
    await world.database.prisma.rollout.update({ where: { id }, data: { startedAt: unreadyAt } });
    await world.database.prisma.task.update({ where: { id: fresh?.id ?? '' }, data: { unreadyAt } });
    await step();
    expect((await lastRollout(serviceId)).reason).toBe(
      'slot 1 failed (it was ready and is no longer): 1 of 2, and the policy allows none',
    );
  });

  it('is said of a service at rest as long as nothing serves in its slot', async () => {
    const serviceId = await deploy('shop', compose(1, 2));
    const [task] = await live(serviceId);
    await fail(task?.id ?? '', 'it ended by itself with exit code 1');
    expect((await seen(serviceId)).failures).toMatchObject([{ slot: 1, taskId: task?.id }]);
    await settle();
    expect((await seen(serviceId)).failures).toEqual([]);
  });
});
