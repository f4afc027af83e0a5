import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { createFakeAgents, type FakeAgents } from '../rollouts/test-agents.ts';
import { type Answer, type Client, startTestServer, type TestServer } from '../test-server.ts';

const REFUSAL = {
  code: 'plan.refused',
  detail: 'web cannot have host port 8080 on any node: it is taken on each that would fit.',
  hint: expect.stringContaining('With start-first old and new need a host each'),
};

describe('start-first with a fixed host port', { timeout: 120_000 }, () => {
  let test: TestServer;
  let admin: Client;
  let registry: FakeRegistry;
  let agents: FakeAgents;
  let web: string;

  const compose = (order: string) => `
services:
  web:
    image: ${registry.host}/shop/web:1
    ports: [ { target: 80, published: "8080", mode: host } ]
    deploy: { replicas: 2, update_config: { parallelism: 1, order: ${order}, monitor: 0s } }
`;
  const apply = (order: string): Promise<Answer> =>
    admin.call('PUT', '/stacks/shop?project=/', {
      application: { files: { 'compose.yaml': compose(order) } },
    });
  const settled = () =>
    expect
      .poll(
        async () => {
          await agents.obey();
          return (await admin.call('GET', web)).json;
        },
        { timeout: 60_000, interval: 50 },
      )
      .toMatchObject({ state: 'healthy', count: { ready: 2 }, activeRollout: null });
  const webhook = async (): Promise<Answer> => {
    const { token } = (await admin.call('PUT', `${web}/webhook`)).json as { token: string };
    return test.anonymous.call('POST', `/webhooks${web}`, { tag: '2' }, { authorization: `Bearer ${token}` });
  };

  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    registry = await startFakeRegistry();
    const { database } = test.server.platform;
    const root = await database.prisma.project.findFirstOrThrow({ where: { path: '/' } });
    await database.prisma.registry.create({
      data: {
        ...{ id: uuid(), projectId: root.id, host: registry.host },
        ...{ plainHttp: true, allowPrivateAddress: true },
      },
    });
    agents = createFakeAgents(database);
    for (const name of ['a', 'b']) await agents.addNode(name);
    for (const tag of ['1', '2']) registry.push('shop/web', tag);
  });
  afterAll(async () => {
    await test?.close();
    await registry?.close();
  });

  it('is taken into a new revision while what runs stays', async () => {
    // The first revision turns on its own hosts, the second cannot: every host has the port.
    expect((await apply('stop-first')).status).toBe(200);
    const { items } = (await admin.call('GET', '/services')).json as { items: { id: string }[] };
    web = `/services/${items[0]?.id}`;
    await settled();
    expect((await apply('start-first')).json).toMatchObject({ services: [{ action: 'update' }] });
    await settled();
  });

  it('is refused on every way to new tasks while each host has the port, and changes nothing', async () => {
    registry.push('shop/web', '1');
    const before = (await admin.call('GET', `${web}/revisions`)).text;
    for (const [path, body] of [
      ['restart', undefined],
      ['repull', undefined],
      ['roll', { revision: 2 }],
    ] as const) {
      const answer = await admin.call('POST', `${web}/${path}`, body);
      expect(answer.json, path).toMatchObject(path === 'roll' ? { rollout: null } : REFUSAL);
    }
    expect((await webhook()).json).toMatchObject(REFUSAL);
    expect((await admin.call('GET', `${web}/revisions`)).text).toBe(before);
  });

  it('may go back to a revision that frees the port first', async () => {
    const answer = await admin.call('POST', `${web}/roll`, { revision: 1 });
    expect(answer.status, answer.text).toBe(200);
    await settled();
    expect((await admin.call('POST', `${web}/roll`, { revision: 2 })).json).toMatchObject(REFUSAL);
  });

  it('needs one free host for each task that is turned at a time, not one for every task', async () => {
    await agents.addNode('c');
    const answer = await admin.call('POST', `${web}/roll`, { revision: 2 });
    expect(answer.status, answer.text).toBe(200);
    await settled();
    const restarted = await admin.call('POST', `${web}/restart`);
    expect(restarted.status, restarted.text).toBe(200);
    await settled();
  });
});
