import { describe, expect, it } from 'vitest';
import { planDeploy } from '../stacks/deploy.service.ts';
import { restartService, scaleService } from '../stacks/operations.service.ts';
import { useRolloutWorld } from './test-world.ts';

// Each host has 8 GiB.
describe('tasks that have no room beside the ones they replace', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, ctx, deploy, live, lastRollout, revisionsRunning, settle } = world;

  const compose = (tag: number, deployment: string, rest = '') => `
services:
  web:
    image: ${world.registry.host}/shop/web:${tag}
    deploy: { ${deployment}, update_config: { parallelism: 1, order: stop-first, monitor: 0s } }
${rest}`;
  const MOST_OF_A_HOST = 'resources: { reservations: { memory: 6G } }';
  const VOLUME = '    volumes: [ "data:/data" ]\nvolumes: { data: {} }\n';

  it.each([
    ['that reserve most of each host', `replicas: 3, ${MOST_OF_A_HOST}`, 3, ''],
    ['of which a host may have one', 'replicas: 3, placement: { max_replicas_per_node: 1 }', 3, ''],
    ['whose data is on a host they reserve most of', `replicas: 1, ${MOST_OF_A_HOST}`, 1, VOLUME],
    ['of a global service that reserve most of each host', `mode: global, ${MOST_OF_A_HOST}`, 3, ''],
  ])('are rolled and restarted, the old first: %s', async (name, deployment, count, rest) => {
    const stack = `room-${name.length}`;
    const id = await deploy(stack, compose(1, deployment, rest));
    const sent = { files: { 'compose.yaml': compose(2, deployment, rest) }, entry: 'compose.yaml' };
    const plan = await planDeploy(world.deps, ctx, {
      ...{ project: '/', name: stack },
      draft: true,
      sent: { ...sent, values: {}, profiles: [] },
    });
    expect(plan.refusals).toEqual([]);
    expect(plan.services[0]?.forecast.map(({ node }) => node)).toEqual(Array(count).fill(expect.any(String)));
    await apply(stack, compose(2, deployment, rest));
    await settle();
    expect((await lastRollout(id)).state).toBe('succeeded');
    expect(await revisionsRunning(id)).toEqual(Array(count).fill(2));
    await restartService(world.deps, ctx, id);
    await settle();
    expect((await lastRollout(id)).state).toBe('succeeded');
    expect((await live(id)).every(({ ready }) => ready)).toBe(true);
  });

  it('are forecast by the order of their slots, which may have gaps', async () => {
    const file = (tag: number, replicas: number) => compose(tag, `replicas: ${replicas}, ${MOST_OF_A_HOST}`);
    const id = await deploy('gaps', file(1, 3));
    const middle = (await live(id))[1];
    await world.agents.setTask(middle?.id ?? '', 'running', false);
    await scaleService(world.deps, ctx, id, 2);
    await settle();
    expect((await live(id)).map(({ slot }) => slot)).toEqual([1, 3]);
    const turn = (availability: 'cordoned' | 'active') =>
      world.database.prisma.node.update({
        where: { id: middle?.nodeId ?? '' },
        data: { availability, version: { increment: 1 } },
      });
    await turn('cordoned');
    const plan = await planDeploy(world.deps, ctx, {
      ...{ project: '/', name: 'gaps', draft: true },
      sent: {
        ...{ files: { 'compose.yaml': file(2, 2) }, entry: 'compose.yaml' },
        ...{ values: {}, profiles: [] },
      },
    });
    expect(plan.services[0]?.forecast.map(({ node }) => node)).toEqual(Array(2).fill(expect.any(String)));
    await turn('active');
  });

  it('for whose network no address is left wait and say so, and the others run', async () => {
    // Six addresses: of three hosts and three tasks.
    const file = (tag: number, replicas: number) => `
services:
  web: { image: "${world.registry.host}/shop/web:${tag}", deploy: { replicas: ${replicas} } }
networks: { default: { ipam: { config: [ { subnet: 10.200.64.0/29 } ] } } }
`;
    const id = await deploy('narrow', file(1, 3));
    await scaleService(world.deps, ctx, id, 5);
    await settle();
    const tasks = await live(id);
    expect(tasks.filter(({ ready }) => ready)).toHaveLength(3);
    expect(tasks.filter(({ nodeId }) => nodeId === null).map(({ state, reason }) => [state, reason])).toEqual(
      Array(2).fill([
        'pending',
        'the network default (10.200.64.0/29) has no free address left: name another in the file, with a larger subnet or with none',
      ]),
    );
    await scaleService(world.deps, ctx, id, 3);
    await settle();
    expect((await live(id)).map(({ ready }) => ready)).toEqual([true, true, true]);
  });

  it('for whose network no address is left are forecast so, also where the old ones still hold theirs', async () => {
    const file = (tag: number, replicas: number, prefix: number) => `
services:
  web: { image: "${world.registry.host}/shop/web:${tag}", deploy: { replicas: ${replicas} } }
networks: { default: { ipam: { config: [ { subnet: 10.200.72.0/${prefix} } ] } } }
`;
    const lacking = async (name: string, text: string) => {
      const sent = { files: { 'compose.yaml': text }, entry: 'compose.yaml', values: {}, profiles: [] };
      const plan = await planDeploy(world.deps, ctx, { project: '/', name, draft: true, sent });
      expect(plan.refusals).toEqual([]);
      const lines = plan.services[0]?.forecast.filter(({ node }) => node === null) ?? [];
      return lines.map(({ slot, sentence }) => [slot, sentence.split(':')[0]]);
    };
    const full = (prefix: number) => `the network default (10.200.72.0/${prefix}) has no free address left`;
    expect(await lacking('room', file(1, 3, 29))).toEqual([]);
    expect(await lacking('room', file(1, 5, 29))).toEqual([4, 5].map((slot) => [slot, full(29)]));
    expect(await lacking('room', file(1, 300, 24))).toEqual([[252, `from slot 252 on, ${full(24)}`]]);
    await deploy('room', file(1, 3, 29));
    expect(await lacking('room', file(2, 3, 29))).toEqual([[1, full(29)]]);
    expect(await lacking('room', file(1, 4, 29))).toEqual([[4, full(29)]]);
  });
});
