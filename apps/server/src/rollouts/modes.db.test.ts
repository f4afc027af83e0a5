import { describe, expect, it } from 'vitest';
import { planDeploy } from '../stacks/deploy.service.ts';
import { rollService } from '../stacks/operations.service.ts';
import { steerRollout } from './steering.service.ts';
import { useRolloutWorld } from './test-world.ts';

describe('a way back to a revision of other nodes or another mode', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, ctx, deploy, lastRollout, live, revisionsRunning, settle, step } = world;

  const file = (tag: number, deployment: string) => `
services:
  web:
    image: ${world.registry.host}/shop/web:${tag}
    deploy: { ${deployment}, update_config: { parallelism: 1, monitor: 0s, failure_action: rollback }, rollback_config: { parallelism: 0, monitor: 0s } }
`;
  const modeOf = async (id: string) =>
    (await world.database.prisma.service.findUniqueOrThrow({ where: { id } })).mode;
  /** Applies a file whose tasks all fail, until the rollout has ended. */
  const applyBad = async (name: string, text: string): Promise<void> => {
    const { services } = await apply(name, text);
    const { toRevisionId } = await lastRollout(services[0]?.id ?? '');
    await settle(({ revisionId }) => (revisionId === toRevisionId ? 'failed' : 'ready'));
  };

  it('ends on the nodes of that revision where the failed one was to be on more', async () => {
    const [a = '', b = ''] = world.nodes;
    for (const id of [a, b])
      await world.database.prisma.node.update({
        where: { id },
        data: { labels: { disk: 'fast' }, version: { increment: 1 } },
      });
    const fast = 'mode: global, placement: { constraints: ["node.labels.disk == fast"] }';
    const id = await deploy('wider', file(1, fast));
    expect((await live(id)).map(({ nodeId }) => nodeId).sort()).toEqual([a, b].sort());
    await applyBad('wider', file(2, 'mode: global'));
    expect((await lastRollout(id)).state).toBe('rolled back');
    expect((await live(id)).map(({ nodeId }) => nodeId).sort()).toEqual([a, b].sort());
    expect(await revisionsRunning(id)).toEqual([1, 1]);
  });

  it('takes tasks off nodes that the file drops by the steps of the rollout, and an abort keeps what is left', async () => {
    const [a = '', ...others] = world.nodes;
    await world.database.prisma.node.update({
      where: { id: a },
      data: { labels: { disk: 'slow' }, version: { increment: 1 } },
    });
    const narrow = 'mode: global, placement: { constraints: ["node.labels.disk == slow"] }';
    const id = await deploy('narrower', file(1, 'mode: global'));
    const served = async () =>
      new Set((await live(id)).flatMap(({ desired, nodeId }) => (desired === 'running' ? [nodeId] : [])));
    await apply('narrower', file(2, narrow));
    await step();
    expect((await served()).size).toBe(3);
    for (let before = 3; before > 2; ) {
      await world.agents.obey();
      await step();
      const { size } = await served();
      expect(size).toBeGreaterThanOrEqual(before - 1);
      before = size;
    }
    await steerRollout(world.deps, ctx, (await lastRollout(id)).id, 'abort');
    await settle();
    expect(await served()).toEqual(new Set([a, ...others]));
    await apply('narrower', file(2, narrow));
    await settle();
    expect((await lastRollout(id)).state).toBe('succeeded');
    expect((await live(id)).map(({ nodeId }) => nodeId)).toEqual([a]);
  });

  it.each([
    ['replicated', 'replicas: 2', 'global', 'mode: global', 2],
    ['global', 'mode: global', 'replicated', 'replicas: 5', 3],
  ])('is %s again, by itself and by an undo', async (before, first, after, second, count) => {
    const id = await deploy(`was-${before}`, file(1, first));
    expect(await modeOf(id)).toBe(before);
    await applyBad(`was-${before}`, file(2, second));
    expect((await lastRollout(id)).state).toBe('rolled back');
    expect(await modeOf(id)).toBe(before);
    expect(await revisionsRunning(id)).toEqual(Array(count).fill(1));

    await apply(`was-${before}`, file(2, second));
    await settle();
    expect(await modeOf(id)).toBe(after);
    await rollService(world.deps, ctx, id, undefined);
    await settle();
    expect(await modeOf(id)).toBe(before);
    expect((await live(id)).map(({ ready }) => ready)).toEqual(Array(count).fill(true));
    expect(new Set(await revisionsRunning(id))).toEqual(new Set([1]));
  });

  it.each([
    ['replicated', 'replicas: 2', 'mode: global'],
    ['global', 'mode: global', 'replicas: 5'],
  ])('is not taken by an aborted rollout: what was %s goes on so', async (before, first, second) => {
    const id = await deploy(`aborted-${before}`, file(1, first));
    const running = (await live(id)).map((task) => task.id);
    await apply(`aborted-${before}`, file(2, second));
    await steerRollout(world.deps, ctx, (await lastRollout(id)).id, 'abort');
    await settle();
    expect(await modeOf(id)).toBe(before);
    expect((await live(id)).map((task) => task.id)).toEqual(running);
  });

  it('is not needed unseen: a plan says where a global service would be on no node', async () => {
    const forecast = async (deployment: string) => {
      const sent = { files: { 'compose.yaml': file(1, deployment) }, entry: 'compose.yaml' };
      const plan = await planDeploy(world.deps, ctx, {
        ...{ project: '/', name: 'nowhere', draft: true },
        sent: { ...sent, values: {}, profiles: [] },
      });
      return plan.services[0]?.forecast;
    };
    const typo = 'mode: global, placement: { constraints: ["node.labels.disk == fsat"] }';
    expect(await forecast(typo)).toEqual([
      { slot: 1, node: null, sentence: expect.stringMatching(/^no node fits: 3 nodes .*\w$/) },
    ]);
    await deploy('nowhere', file(1, 'mode: global'));
    expect(await forecast(typo)).toEqual([
      { slot: 1, node: null, sentence: expect.stringMatching(/; its tasks that run are stopped$/) },
    ]);
    expect(await forecast('mode: global, labels: { a: b }')).not.toContainEqual(
      expect.objectContaining({ node: null }),
    );
  });
});
