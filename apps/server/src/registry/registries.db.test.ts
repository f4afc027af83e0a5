import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCa } from '../platform/ca/certificates.ts';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

describe("a registry's CA", () => {
  let test: TestServer;
  let admin: Client;
  let one: string;
  let other: string;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    [one, other] = (await Promise.all([makeCa('one'), makeCa('other')])).map(
      ({ certificatePem }) => certificatePem,
    ) as [string, string];
    for (const path of ['/shop', '/bank']) await admin.call('POST', '/projects', { path });
  });
  afterAll(() => test.close());

  const add = (project: string, host: string, caPem?: string) =>
    admin.call('POST', `/registries?project=${project}`, { host, caPem });
  const edit = async (row: { id: string; version: number }, body: object) => {
    const headers = { 'if-match': `"${row.version}"` };
    return admin.call('PUT', `/registries/${row.id}`, body, headers);
  };

  it('is one for all projects, since the engine of a node has one: another is refused, on create and on edit', async () => {
    const first = await add('/shop', 'registry.example', one);
    expect(first.status).toBe(200);
    const refused = await add('/bank', 'REGISTRY.example', other);
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({
      code: 'conflict.state',
      detail: expect.stringContaining('/shop has another CA for registry.example'),
    });
    const bare = (await add('/bank', 'registry.example')).json as { id: string; version: number };
    expect((await edit(bare, { caPem: other })).status).toBe(409);
    expect((await edit(bare, { caPem: `pasted\n${one.replaceAll('\n', '\r\n')}` })).status).toBe(200);
    expect((await add('/bank', 'elsewhere.example', other)).status).toBe(200);
  });

  it('is changed by removing that of the other project first', async () => {
    const rows = (await admin.call('GET', '/registries?search=registry.example')).json as {
      items: { id: string; version: number; projectPath: string }[];
    };
    const of = (path: string) => rows.items.find(({ projectPath }) => projectPath === path);
    const [shop, bank] = [of('/shop'), of('/bank')];
    if (!shop || !bank) throw new Error('both projects have one by now');
    expect((await edit(shop, { caPem: other })).status).toBe(409);
    expect((await edit(bank, { caPem: '' })).status).toBe(200);
    expect((await edit(shop, { caPem: other })).status).toBe(200);
  });

  it('of two brought at the same moment is one', async () => {
    const answers = await Promise.all([
      add('/shop', 'race.example', one),
      add('/bank', 'race.example', other),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  it('and the credentials reach the hosts that run its images at once, also when they are taken away', async () => {
    const { prisma } = test.db.database;
    const agents = createFakeAgents(test.db.database);
    const [using, idle] = [await agents.addNode('using'), await agents.addNode('idle')];
    const [stackId, serviceId, revisionId] = [uuid(), uuid(), uuid()];
    const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    await prisma.stack.create({ data: { id: stackId, projectId: root.id, name: 'used' } });
    await prisma.service.create({ data: { id: serviceId, stackId, name: 'web' } });
    const made = { number: 1, stackVersion: 1, specHash: 'x', createdBy: 'admin', sealedEnvironment: '' };
    const what = {
      pin: { registry: 'used.example' },
      spec: ServiceSpec.parse({ image: 'used.example/web' }),
    };
    await prisma.revision.create({ data: { id: revisionId, serviceId, ...made, ...what } });
    const state = { slot: 1, nodeId: using, state: 'running' };
    await prisma.task.create({ data: { id: uuid(), serviceId, revisionId, ...state } });
    const generations = async () =>
      (await Promise.all([using, idle].map((id) => prisma.node.findUniqueOrThrow({ where: { id } })))).map(
        ({ generation }) => generation,
      );
    const [before = 0, unmoved] = await generations();
    const row = (await add('/shop', 'used.example', one)).json as { id: string; version: number };
    expect(await generations()).toEqual([before + 1, unmoved]);
    await edit(row, { username: 'robot', password: 'new' });
    expect(await generations()).toEqual([before + 2, unmoved]);
    await admin.call('DELETE', `/registries/${row.id}`);
    expect(await generations()).toEqual([before + 3, unmoved]);
  });

  it('is a certificate, and nothing that was pasted beside it is kept', async () => {
    expect((await add('/shop', 'broken.example', 'no certificate')).status).toBe(400);
    const cut = `${one.slice(0, 200)}\n-----END CERTIFICATE-----\n`;
    expect((await add('/shop', 'broken.example', cut)).status).toBe(400);
    const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
    expect((await add('/shop', 'key.example', `${key}${one}`)).status).toBe(200);
    const row = await test.db.database.prisma.registry.findFirstOrThrow({ where: { host: 'key.example' } });
    expect(row.caPem).not.toContain('PRIVATE');
  });
});
