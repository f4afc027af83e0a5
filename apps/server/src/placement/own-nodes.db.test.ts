import { planPlacement } from '@portreeve/planning';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { request } from '../../../../packages/planning/test/samples.ts';
import { projectAt } from '../access/test-people.ts';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { loadPlacementNodes } from './snapshot.store.ts';

let test: TestServer;
let admin: Client;
beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  for (const path of ['/shop/prod', '/bank']) await projectAt(test, path);
});
afterAll(() => test.close());

it('a project that keeps to its own nodes, and what is below it, comes to none above it', async () => {
  const { database } = test.server.platform;
  const agents = createFakeAgents(database);
  await agents.addNode('of-the-cluster');
  await agents.addNode('of-the-shop');
  const shop = await projectAt(test, '/shop');
  await database.prisma.node.updateMany({ where: { name: 'of-the-shop' }, data: { projectId: shop } });
  const versions = async () =>
    new Map((await loadPlacementNodes(database.prisma)).map(({ name, version }) => [name, version]));
  const fits = async (projectPath: string): Promise<string[]> => {
    const nodes = await loadPlacementNodes(database.prisma);
    return nodes.flatMap((node) => {
      const [decision] = planPlacement([request({ projectPath })], [node]);
      return decision?.kind === 'placed' ? [node.name] : [];
    });
  };
  expect((await fits('/shop/prod')).toSorted()).toEqual(['of-the-cluster', 'of-the-shop']);
  const before = await versions();
  const answer = await admin.call(
    'PATCH',
    `/projects/${shop}`,
    { ownNodesOnly: true },
    { 'if-match': '"1"' },
  );
  expect(answer.status, answer.text).toBe(200);
  expect(await fits('/shop/prod')).toEqual(['of-the-shop']);
  expect(await fits('/shop')).toEqual(['of-the-shop']);
  expect(await fits('/bank')).toEqual(['of-the-cluster']);
  // Plans made before are made again.
  expect((await versions()).get('of-the-cluster')).not.toBe(before.get('of-the-cluster'));
});
