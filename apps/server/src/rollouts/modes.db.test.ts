import { describe, expect, it } from 'vitest';
import { planDeploy } from '../stacks/deploy.service.ts';
import { rollService } from '../stacks/operations.service.ts';
import { steerRollout } from './steering.service.ts';
import { useRolloutWorld } from './test-world.ts';

describe('a way back to a revision of other nodes or another mode', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, ctx, deploy, lastRollout, live, revisionsRunning, settle } = world;

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
