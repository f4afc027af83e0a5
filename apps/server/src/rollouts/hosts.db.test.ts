import { AGENT_FEATURES } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import { restartService, scaleService, startService } from '../stacks/operations.service.ts';
import { takeOver } from '../stacks/take-over.service.ts';
import { steerRollout } from './steering.service.ts';
import { stepServices } from './step.ts';

import { useRolloutWorld } from './test-world.ts';

describe('rollouts and the hosts they run on', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, compose, ctx, deploy, lastRollout, live, revisionsOf, revisionsRunning, settle, step } =
    world;

  const say = async (
    id: string,
    usedPorts: { port: number; protocol: string }[],
    features = Object.keys(AGENT_FEATURES),
  ): Promise<void> => {
    await world.database.prisma.$executeRaw`UPDATE "Node"
      SET facts = facts || ${JSON.stringify({ usedPorts, features })}::jsonb, version = version + 1 WHERE id = ${id}::uuid`;
  };

  it('replace the tasks of a lost node, but wait with those whose data is there', async () => {
    const { services } = await apply(
      'lost',
      `
services:
  db: { image: "${world.registry.host}/shop/web:1", volumes: [ "data:/data" ] }
  web: { image: "${world.registry.host}/shop/web:1", deploy: { replicas: 3 } }
volumes: { data: {} }
`,
    );
    await settle();
    const [db = '', web = ''] = services.map(({ id }) => id);
    const nodeId = (await live(db))[0]?.nodeId ?? '';
    const { prisma } = world.database;
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
    const { prisma } = world.database;
    const nodeId = world.nodes[0] ?? '';
    await prisma.node.update({
      where: { id: nodeId },
      data: { availability: 'draining', version: { increment: 1 } },
    });
    for (let round = 0; round < 20; round += 1) {
      const { acted } = await step();
      expect(
        (await live(id)).filter((task) => task.ready && task.desired === 'running').length,
      ).toBeGreaterThanOrEqual(3);
      if ((await world.agents.obey()) === 0 && acted === 0) break;
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
    const { prisma } = world.database;
    await prisma.node.update({
      where: { id: world.nodes[1] ?? '' },
      data: { labels: { disk: 'fast' }, version: { increment: 1 } },
    });
    await settle();
    expect((await live(services[0]?.id ?? ''))[0]).toMatchObject({
      state: 'running',
      nodeId: world.nodes[1],
    });
    await prisma.node.update({
      where: { id: world.nodes[1] ?? '' },
      data: { labels: {}, version: { increment: 1 } },
    });
  });

  it('run once on every node in global mode, with a volume on each', async () => {
    const { services } = await apply(
      'everywhere',
      `
services:
  agent:
    image: ${world.registry.host}/shop/web:1
    deploy: { mode: global }
    volumes: [ "cache:/cache" ]
volumes: { cache: {} }
`,
    );
    await settle();
    const tasks = await live(services[0]?.id ?? '');
    expect(new Set(tasks.map(({ nodeId }) => nodeId))).toEqual(new Set(world.nodes));
    const volumes = tasks.flatMap((task) =>
      (task.volumes as { volumeId: string }[]).map(({ volumeId }) => volumeId),
    );
    expect(new Set(volumes).size).toBe(3);
  });

  it('stay where a global service runs on a host that cannot be joined with others any more', async () => {
    const { prisma } = world.database;
    const text = `services: { agent: { image: "${world.registry.host}/shop/web:1", deploy: { mode: global } } }`;
    const { services } = await apply('joined', text);
    await settle();
    const ids = async () => (await live(services[0]?.id ?? '')).map(({ id }) => id);
    const before = await ids();
    const [first = ''] = world.nodes;
    const { facts } = await prisma.node.findUniqueOrThrow({ where: { id: first } });
    const apart = { ...(facts as object), crossHostNetworks: { able: false, reason: 'its engine cannot' } };
    await prisma.node.update({ where: { id: first }, data: { facts: apart, version: { increment: 1 } } });
    await settle();
    expect(await ids()).toEqual(before);
    await prisma.node.update({ where: { id: first }, data: { facts: facts as object } });
  });

  it('go by what the agents of hosts know, and say so of one that is older', async () => {
    const { prisma } = world.database;
    const [older = '', ...others] = world.nodes;
    const forget = (id: string) => prisma.$executeRaw`
      UPDATE "Node" SET facts = facts - 'features', version = version + 1 WHERE id = ${id}::uuid`;
    await forget(older);
    const image = `${world.registry.host}/shop/web:1`;
    const bridged = `services:\n  web: { image: "${image}", network_mode: bridge, deploy: { replicas: 4 } }\n`;
    const { services } = await apply('bridged', bridged);
    await settle();
    const tasks = await live(services[0]?.id ?? '');
    expect(tasks.map(({ nodeId }) => nodeId).filter((id) => id === null || id === older)).toEqual([]);
    for (const id of others) await forget(id);
    await scaleService(world.deps, ctx, services[0]?.id ?? '', 5);
    await step();
    const [waiting] = (await live(services[0]?.id ?? '')).filter(({ nodeId }) => nodeId === null);
    expect(waiting?.reason).toContain('an agent that is older and does not know network_mode: bridge');
    for (const id of world.nodes) await say(id, []);
    await settle();
    expect((await live(services[0]?.id ?? '')).every(({ ready }) => ready)).toBe(true);
  });

  it('hold back what depends on another service until it is ready', async () => {
    const { services } = await apply(
      'chain',
      `
services:
  db: { image: "${world.registry.host}/shop/web:1" }
  web: { image: "${world.registry.host}/shop/web:1", depends_on: { db: { condition: service_healthy } } }
`,
    );
    const [db = '', web = ''] = services.map(({ id }) => id);
    await step();
    expect(await live(db)).toHaveLength(1);
    expect(await live(web)).toHaveLength(0);
    await world.agents.obey();
    await stepServices(world.database, revisionsOf, [db], new Date());
    expect(await live(web)).toHaveLength(1);
  });

  it('hold back what depends on another service until each of its tasks is there, and not one of them', async () => {
    const { services } = await apply(
      'all',
      `
services:
  db: { image: "${world.registry.host}/shop/web:1", deploy: { replicas: 2 } }
  everywhere: { image: "${world.registry.host}/shop/web:1", deploy: { mode: global } }
  none: { image: "${world.registry.host}/shop/web:1", deploy: { replicas: 0 } }
  web:
    image: ${world.registry.host}/shop/web:1
    depends_on:
      db: { condition: service_healthy }
      everywhere: { condition: service_started }
      none: { condition: service_started }
`,
    );
    const idOf = (name: string) => services.find((service) => service.name === name)?.id ?? '';
    await step();
    const tasks = [...(await live(idOf('db'))), ...(await live(idOf('everywhere')))];
    expect(tasks).toHaveLength(5);
    const last = tasks.splice(1, 1)[0]?.id ?? '';
    for (const { id } of tasks) await world.agents.setTask(id, 'running', true);
    await step();
    expect(await live(idOf('web'))).toEqual([]);
    await world.agents.setTask(last, 'running', false);
    await step();
    expect(await live(idOf('web'))).toEqual([]);
    await world.agents.setTask(last, 'running', true);
    await step();
    expect(await live(idOf('web'))).toHaveLength(1);
  });

  it('start nothing of a first rollout that is paused, and stop its service when that is aborted before it began', async () => {
    const { services } = await apply(
      'first',
      `
services:
  db: { image: "${world.registry.host}/shop/web:1" }
  web: { image: "${world.registry.host}/shop/web:1", depends_on: { db: { condition: service_healthy } } }
`,
    );
    const web = services.find(({ name }) => name === 'web')?.id ?? '';
    await step();
    const { id: rolloutId } = await lastRollout(web);
    await steerRollout(world.deps, ctx, rolloutId, 'pause');
    await settle();
    expect(await live(web)).toEqual([]);
    await steerRollout(world.deps, ctx, rolloutId, 'abort');
    await settle();
    expect(await live(web)).toEqual([]);
    expect(await lastRollout(web)).toMatchObject({
      state: 'aborted',
      reason: expect.stringContaining('start it to have it run'),
    });
    expect(await world.database.prisma.service.findUniqueOrThrow({ where: { id: web } })).toMatchObject({
      desired: 'stopped',
      next: 'Stopped. Start it, or apply its stack, to have it run.',
    });
    await startService(world.deps, ctx, web);
    await settle();
    expect(await live(web)).toHaveLength(1);
  });

  it('keep a second file waiting for what the first one waited for', async () => {
    const file = (tag: number) => `
services:
  db: { image: "${world.registry.host}/shop/web:1" }
  web: { image: "${world.registry.host}/shop/web:${tag}", depends_on: { db: { condition: service_healthy } } }
`;
    const { services } = await apply('again', file(1));
    const web = services.find(({ name }) => name === 'web')?.id ?? '';
    await step();
    await apply('again', file(2));
    await step();
    expect(await live(web)).toEqual([]);
    await settle();
    expect(await revisionsRunning(web)).toEqual([2]);
  });

  it('hold back what depends on a service whose data is on a lost host, until that is back', async () => {
    const file = (rest: string) => `
services:
  db: { image: "${world.registry.host}/shop/web:1", volumes: [ "data:/data" ] }
${rest}
volumes: { data: {} }
`;
    const db = await deploy('dead', file(''));
    const nodeId = (await live(db))[0]?.nodeId ?? '';
    const { prisma } = world.database;
    const turn = (state: 'lost' | 'ready') =>
      prisma.node.update({ where: { id: nodeId }, data: { state, version: { increment: 1 } } });
    await turn('lost');
    const web = `  web: { image: "${world.registry.host}/shop/web:1", depends_on: { db: { condition: service_healthy } } }`;
    const { services } = await apply('dead', file(web));
    const id = services.find((service) => service.name === 'web')?.id ?? '';
    await step();
    expect(await live(id)).toEqual([]);
    await turn('ready');
    await settle();
    expect(await live(id)).toHaveLength(1);
  });

  it('take over a running Compose project, container by container, with its volumes', async () => {
    const asking: DeployDeps = {
      ...world.deps,
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
          ...{ createdAt: new Date().toISOString(), ports: [`0.0.0.0:${8090 + number}->80/tcp`] },
          compose: { project: 'legacy', service: 'web', number },
          volumes: [{ name: 'legacy_data', target: '/data', driver: 'local', composeProject: 'legacy' }],
        }))) as unknown as DeployDeps['askAgent'],
    };
    const text = `${compose(1, 1)}    ports: [ { target: 80, published: "8091-8092", mode: host } ]
    volumes: ["data:/data"]\nvolumes: { data: {} }\n`;
    const held = [8091, 8092].map((port) => ({ port, protocol: 'tcp' }));
    await say(world.nodes[2] ?? '', held);
    const stackId = await takeOver(asking, ctx, {
      ...{ nodeId: world.nodes[2] ?? '', project: '/', composeProject: 'legacy', stackName: 'legacy' },
      sent: { files: { 'compose.yaml': text }, entry: 'compose.yaml', values: {}, profiles: [] },
    });
    const service = await world.database.prisma.service.findFirstOrThrow({ where: { stackId } });
    const tasks = await live(service.id);
    expect(tasks.map(({ nodeId, replacesContainer }) => [nodeId, replacesContainer])).toEqual([
      [world.nodes[2], 'old1'],
      [world.nodes[2], 'old2'],
    ]);
    await settle();
    expect((await live(service.id)).map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
    const volume = await world.database.prisma.volume.findFirstOrThrow({ where: { stackId } });
    expect(volume).toMatchObject({ engineName: 'legacy_data', nodeId: world.nodes[2] });
    expect((await lastRollout(service.id)).state).toBe('succeeded');
    await say(world.nodes[2] ?? '', []);
  });

  it('leave out hosts of another platform than the image is made for, though the file names none', async () => {
    const { prisma } = world.database;
    const c = world.nodes[2] ?? '';
    const turn = (architecture: string) => prisma.$executeRaw`UPDATE "Node"
      SET facts = facts || ${JSON.stringify({ architecture })}::jsonb, version = version + 1 WHERE id = ${c}::uuid`;
    await turn('arm64');
    world.registry.pushFor('shop/arm', '1', [{ os: 'linux', architecture: 'arm64' }]);
    world.registry.pushFor('shop/both', '1', [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 's390x' },
    ]);
    const text = (image: string) => compose(1, 3).replace('shop/web:1', image);
    const arm = await deploy('arm', text('shop/arm:1'));
    expect((await live(arm)).map(({ nodeId }) => nodeId)).toEqual([c, c, c]);
    const both = await deploy('both', text('shop/both:1'));
    expect((await live(both)).some(({ nodeId }) => nodeId === c)).toBe(false);
    expect((await live(both))[0]?.placement).toMatchObject({
      filters: [{ filter: 'platform', sentence: '1 node is not linux/amd64 or linux/s390x' }],
    });
    await turn('amd64');
  });

  it('leave out hosts where something else has the port, and say so', async () => {
    const [a = '', b = '', c = ''] = world.nodes;
    for (const id of [a, b]) await say(id, [{ port: 8088, protocol: 'tcp' }]);
    const text = `${compose(1, 2, 'order: stop-first, monitor: 0s')}    ports: [ { target: 80, published: "8088", mode: host } ]\n`;
    await expect(apply('busy', text)).rejects.toThrow('web cannot have host port 8088');
    await apply('busy', text.replace('replicas: 2', 'replicas: 1'));
    await settle();
    const { id } = await world.database.prisma.service.findFirstOrThrow({
      where: { stack: { name: 'busy' } },
    });
    expect((await live(id)).map(({ nodeId }) => nodeId)).toEqual([c]);
    // What the host says of a port that is its task's since is that task.
    await say(c, [{ port: 8088, protocol: 'tcp' }]);
    await restartService(world.deps, ctx, id);
    await settle();
    expect((await live(id)).map(({ nodeId, ready }) => [nodeId, ready])).toEqual([[c, true]]);
    await scaleService(world.deps, ctx, id, 2);
    await step();
    expect((await live(id))[1]?.reason).toBe(
      'no node fits: 1 node has port 8088 in use, 2 nodes have port 8088 in use by something else on that host',
    );
    for (const node of [a, b, c]) await say(node, []);
  });
});
