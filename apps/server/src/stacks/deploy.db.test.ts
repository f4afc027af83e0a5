import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { createFakeAgents, type FakeAgents } from '../rollouts/test-agents.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { sealOldVersions } from './version-files.store.ts';

describe('a stack over HTTP', { timeout: 120_000 }, () => {
  let test: TestServer;
  let admin: Client;
  let registry: FakeRegistry;
  let agents: FakeAgents;

  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    registry = await startFakeRegistry();
    const { database } = test.server.platform;
    const root = await database.prisma.project.findFirstOrThrow({ where: { path: '/' } });
    await database.prisma.registry.create({
      data: {
        id: uuid(),
        projectId: root.id,
        host: registry.host,
        plainHttp: true,
        allowPrivateAddress: true,
      },
    });
    agents = createFakeAgents(database);
    for (const name of ['a', 'b', 'c']) await agents.addNode(name);
  });
  afterAll(async () => {
    await test?.close();
    await registry?.close();
  });

  const bundle = (compose: string) => ({ files: { 'compose.yaml': compose } });
  const get = async <T>(path: string): Promise<T> => (await admin.call('GET', path)).json as T;
  const eventually = (path: string) => ({
    is: (expected: object) =>
      expect
        .poll(
          async () => {
            await agents.obey();
            return get(path);
          },
          { timeout: 60_000, interval: 30 },
        )
        .toMatchObject(expected),
  });
  type Found = { id: string; serviceList: { id: string; name: string }[] };

  it('is planned, applied, scaled, rolled, undone and removed', async () => {
    const first = registry.push('shop/web', '1');
    const second = registry.push('shop/web', '2');
    const compose = (tag: number) => `
services:
  web:
    image: ${registry.host}/shop/web:${tag}
    deploy: { replicas: 3, update_config: { parallelism: 2, order: start-first, monitor: 0s } }
`;
    const plan = await admin.call('POST', '/stacks/shop/plan?project=/', bundle(compose(1)));
    expect(plan.status, plan.text).toBe(200);
    expect(plan.json).toMatchObject({ applicable: true, services: [{ name: 'web', action: 'create' }] });
    const { id } = plan.json as { id: string };
    const applied = await admin.call('PUT', '/stacks/shop?project=/', { plan: id });
    expect(applied.status, applied.text).toBe(200);
    const stack = await get<Found>('/stacks/by-name/shop?project=/');
    const web = `/services/${stack.serviceList[0]?.id}`;
    await eventually(web).is({ state: 'healthy', count: { ready: 3, wanted: 3 }, digest: first });

    expect((await admin.call('POST', `${web}/scale`, { replicas: 5 })).status).toBe(200);
    await eventually(web).is({ state: 'healthy', count: { ready: 5, wanted: 5 } });
    expect(await get(`/stacks/${stack.id}`)).toMatchObject({ differsFromFile: true });

    const again = await admin.call('PUT', '/stacks/shop?project=/', { application: bundle(compose(2)) });
    expect(again.json, again.text).toMatchObject({ services: [{ action: 'replace' }] });
    // What it is on its way to is what was wished for.
    expect(await get(`/stacks/${stack.id}`)).toMatchObject({ differsFromFile: false });
    expect((await get<{ items: object[] }>('/stacks')).items).toMatchObject([{ differsFromFile: false }]);
    const { rollout } = await get<{ rollout: { id: string } }>(web);
    expect((await admin.call('POST', `/rollouts/${rollout.id}/pause`)).status).toBe(200);
    expect(await get(`/stacks/${stack.id}`)).toMatchObject({ differsFromFile: false });
    expect((await get<{ items: object[] }>('/stacks')).items).toMatchObject([{ differsFromFile: false }]);
    expect((await admin.call('POST', `/rollouts/${rollout.id}/resume`)).status).toBe(200);
    await eventually(web).is({
      state: 'healthy',
      revision: 2,
      digest: second,
      rollout: { state: 'succeeded' },
    });

    const undo = await admin.call('POST', `${web}/roll`, {});
    expect(undo.json, undo.text).toMatchObject({ rollout: { cause: 'undo', toRevision: 1 } });
    await eventually(web).is({ state: 'healthy', revision: 1, digest: first });

    expect((await admin.call('DELETE', `/stacks/${stack.id}`)).status).toBe(204);
    await expect
      .poll(
        async () => {
          await agents.obey();
          return (await admin.call('GET', `/stacks/${stack.id}`)).status;
        },
        { timeout: 60_000 },
      )
      .toBe(404);
  });

  it('uses the named values of an earlier version again, without showing them', async () => {
    registry.push('shop/kept', '1');
    const compose = `
services:
  web:
    image: ${registry.host}/shop/kept:\${TAG}
    environment: { GREETING: "\${GREETING:-none}", COLOUR: "\${COLOUR:-none}" }
`;
    const apply = (name: string, application: object) =>
      admin.call('PUT', `/stacks/${name}?project=/`, {
        application: { files: { 'compose.yaml': compose }, ...application },
      });
    const first = await apply('kept', { values: { TAG: '1', GREETING: 'hello', COLOUR: 'red' } });
    expect(first.status, first.text).toBe(200);
    const second = await apply('kept', {
      values: { COLOUR: 'blue' },
      keep: { version: 1, names: ['TAG', 'COLOUR'] },
    });
    expect(second.status, second.text).toBe(200);
    const stack = await get<Found>('/stacks/by-name/kept?project=/');
    const version = await get<object>(`/stacks/${stack.id}/versions/2`);
    expect(version).toMatchObject({ valueNames: ['TAG', 'COLOUR'] });
    expect(JSON.stringify(version)).not.toContain('blue');
    const revision = await get(`/services/${stack.serviceList[0]?.id}/revisions/2`);
    expect(revision).toMatchObject({ spec: { environment: { GREETING: 'none', COLOUR: 'blue' } } });

    const unknown = await apply('kept', { keep: { version: 9, names: ['TAG'] } });
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('There is no version 9 whose values could be kept.');
  });

  describe('a bundle', () => {
    const BYTES = Buffer.from([0x89, 0x50, 0, 0xff]).toString('base64');
    const compose = (service: string, top: string) => `
services:
  web:
    image: ${registry.host}/shop/bundle:1
    ${service}
${top}
`;
    const both = () =>
      compose(
        'secrets: [key]\n    configs: [logo]\n    env_file: web.env',
        'secrets: { key: { file: ./key.txt } }\nconfigs: { logo: { file: logo.png } }',
      );
    const apply = (name: string, application: object) =>
      admin.call('PUT', `/stacks/${name}?project=/`, { application });
    const keep = (version: number) => ({ version, names: [], files: ['key.txt', 'logo.png', 'web.env'] });

    it('carries bytes, and keeps what secrets are made of sealed and unseen', async () => {
      registry.push('shop/bundle', '1');
      const files = { 'compose.yaml': both(), 'key.txt': 'hush-hush', 'web.env': 'A=1' };
      const first = await apply('bundle', { files: { ...files, 'logo.png': { base64: BYTES } } });
      expect(first.status, first.text).toBe(200);
      const { stackId } = first.json as { stackId: string };
      const version = await admin.call('GET', `/stacks/${stackId}/versions/1`);
      expect(version.json).toMatchObject({
        files: { 'compose.yaml': both(), 'web.env': 'A=1' },
        unseen: [
          { path: 'key.txt', bytes: 9, why: 'secret' },
          { path: 'logo.png', bytes: 4, why: 'binary' },
        ],
      });
      expect(version.text).not.toContain('hush-hush');
      const { prisma } = test.server.platform.database;
      const rows = await prisma.$queryRaw`SELECT v::text AS row FROM "StackVersion" v`;
      expect(JSON.stringify(rows)).not.toContain('hush-hush');
      const logo = await prisma.storedFile.findFirstOrThrow({ where: { name: 'logo', stackId } });
      expect(await get(`/configs/${logo.id}/content`)).toMatchObject({ contentBase64: BYTES });

      const again = await apply('bundle', { files: { 'compose.yaml': both() }, keep: keep(1) });
      expect(again.status, again.text).toBe(200);
      const stored = await prisma.storedFile.findMany({ where: { stackId }, select: { version: true } });
      expect(stored).toEqual([{ version: 1 }, { version: 1 }]);
    });

    it('gives out what was kept unseen in no other way', async () => {
      registry.push('shop/bundle', '1');
      const files = { 'compose.yaml': both(), 'key.txt': 'hush-hush', 'logo.png': '', 'web.env': '' };
      const first = await apply('unseen', { files });
      const { stackId } = first.json as { stackId: string };
      const asConfig = compose('configs: [c]', 'configs: { c: { file: key.txt } }');
      const shown = await apply('unseen', { files: { 'compose.yaml': asConfig }, keep: keep(1) });
      expect(shown.text).toContain('key.txt was kept unseen as the file of a secret');
      const unused = await apply('unseen', { files: { 'compose.yaml': compose('', '') }, keep: keep(1) });
      expect(unused.status, unused.text).toBe(200);
      const version = await admin.call('GET', `/stacks/${stackId}/versions/2`);
      expect(version.json).toMatchObject({ unseen: [{ path: 'key.txt', why: 'secret' }] });
      expect(version.text).not.toContain('hush-hush');
    });

    it('of a version from before files were sealed is sealed at the next start', async () => {
      const applied = await apply('older', {
        files: { 'compose.yaml': both(), 'key.txt': 'x', 'logo.png': '', 'web.env': '' },
      });
      const { stackId } = applied.json as { stackId: string };
      const { database, keys, log } = test.server.platform;
      const files = { 'compose.yaml': both(), 'key.txt': 'hush-hush', 'logo.png': 'logo', 'web.env': '' };
      const where = { stackId_number: { stackId, number: 1 } };
      await database.prisma.stackVersion.update({ where, data: { files, sealedFiles: null } });
      const unsealed = await admin.call('GET', `/stacks/${stackId}/versions/1`);
      expect(unsealed.text).not.toContain('hush-hush');
      const unreadable = { id: uuid(), stackId, number: 99, sealedValues: 'nothing that opens' };
      await database.prisma.stackVersion.create({
        data: { ...unreadable, entry: 'compose.yaml', files: {}, appliedBy: 'admin' },
      });
      await sealOldVersions(database, keys, log);
      const row = await database.prisma.stackVersion.findUniqueOrThrow({ where });
      expect(row.files).toEqual({});
      expect(await get(`/stacks/${stackId}/versions/1`)).toMatchObject({
        files: { 'compose.yaml': both(), 'logo.png': 'logo' },
        unseen: [{ path: 'key.txt', bytes: 9 }],
      });
    });

    it.each(['/etc/passwd', '../x', 'a/../x', './x', 'a//x', 'a/', ''])(
      'with a path that leads out of it or is written otherwise is refused: %j',
      async (path) => {
        const answer = await apply('paths', { files: { 'compose.yaml': compose('', ''), [path]: '' } });
        expect(answer.status).toBe(400);
        expect(answer.text).toContain('is no path within a bundle');
      },
    );
  });
});
