import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCa } from '../platform/ca/certificates.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { createFakeAgents, type FakeAgents } from '../rollouts/test-agents.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { signWebhook } from './webhooks.routes.ts';

describe('day to day', { timeout: 120_000 }, () => {
  let test: TestServer;
  let admin: Client;
  let registry: FakeRegistry;
  let agents: FakeAgents;

  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    registry = await startFakeRegistry();
    const { database } = test.server.platform;
    const made = await admin.call('POST', '/registries?project=/', {
      host: registry.host,
      plainHttp: true,
      allowPrivateAddress: true,
      username: 'robot',
      password: 'canary',
    });
    expect(made.status, made.text).toBe(200);
    expect(made.text).not.toContain('canary');
    agents = createFakeAgents(database);
    for (const name of ['a', 'b']) await agents.addNode(name);
    for (const tag of ['1', '2', '3']) registry.push('shop/web', tag);
  });
  afterAll(async () => {
    await test?.close();
    await registry?.close();
  });

  const get = async <T>(path: string): Promise<T> => {
    const answer = await admin.call('GET', path);
    expect(answer.status, `${path}: ${answer.text}`).toBe(200);
    return answer.json as T;
  };
  const settled = (path: string, expected: object) =>
    expect
      .poll(
        async () => {
          await agents.obey();
          return get(path);
        },
        { timeout: 60_000, interval: 50 },
      )
      .toMatchObject(expected);
  const deploy = async (name: string, compose: string, project = '/'): Promise<string> => {
    const application = { files: { 'compose.yaml': compose } };
    const answer = await admin.call('PUT', `/stacks/${name}?project=${project}`, { application });
    expect(answer.status, answer.text).toBe(200);
    const { services } = answer.json as { services: { id: string }[] };
    return services[0]?.id ?? '';
  };
  const web = (more = '') => `
services:
  web:
    image: ${registry.host}/shop/web:1
    deploy: { update_config: { monitor: 0s } }
${more}`;

  it('a new version of a secret rolls the services that use it, and its content is nowhere to be read', async () => {
    const contentBase64 = Buffer.from('canary-1').toString('base64');
    const made = await admin.call('POST', '/secrets?project=/', { name: 'token', contentBase64 });
    expect(made.status, made.text).toBe(200);
    const { id } = made.json as { id: string };
    const service = await deploy(
      'secretive',
      web('    secrets: [token]\nsecrets: { token: { external: true } }'),
    );
    await settled(`/services/${service}`, { state: 'healthy', revision: 1 });
    const change = (content: string, version: number) =>
      admin.call(
        'PUT',
        `/secrets/${id}`,
        { contentBase64: Buffer.from(content).toString('base64') },
        { 'if-match': `"${version}"` },
      );
    const changed = await change('canary-2', 1);
    expect((await change('canary-3', 1)).json).toMatchObject({ code: 'conflict.version' });
    expect(changed.json, changed.text).toMatchObject({
      view: { version: 2, usedBy: [{ name: 'secretive/web' }] },
      rollouts: [expect.any(String)],
    });
    await settled(`/services/${service}`, { state: 'healthy', revision: 2 });
    const refused = await admin.call('DELETE', `/secrets/${id}`);
    expect(refused.json).toMatchObject({ code: 'secret.in-use' });
    for (const path of ['/secrets', '/activity', '/audit', `/services/${service}/revisions/2`])
      expect((await admin.call('GET', path)).text).not.toContain(Buffer.from('canary-2').toString('base64'));
    expect(await get(`/services/${service}/diff?from=1&to=2`)).toEqual({ changes: [] });
  });

  it('a config can be read again, by version', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const made = await admin.call('POST', '/configs?project=/', {
      name: 'motd',
      contentBase64: encode('one'),
    });
    const { id } = made.json as { id: string };
    await admin.call('PUT', `/configs/${id}`, { contentBase64: encode('two') }, { 'if-match': '"1"' });
    expect(await get(`/configs/${id}/content`)).toEqual({ contentBase64: encode('two'), version: 2 });
    expect(await get(`/configs/${id}/content?version=1`)).toEqual({
      contentBase64: encode('one'),
      version: 1,
    });
    const again = await admin.call('POST', '/configs?project=/', {
      name: 'motd',
      contentBase64: encode('x'),
    });
    expect(again.json).toMatchObject({ code: 'conflict.name' });
  });

  it('a webhook moves its service to a tag of its repository, by token or by signature, and nothing else', async () => {
    const service = await deploy('hooked', web());
    await settled(`/services/${service}`, { state: 'healthy' });
    const made = await admin.call('PUT', `/services/${service}/webhook`);
    const { token, hmacKey } = made.json as { token: string; hmacKey: string };
    const call = (tag: string, headers: Record<string, string>, id = service) =>
      test.anonymous.call('POST', `/webhooks/services/${id}`, { tag }, headers);
    expect((await call('2', {})).status).toBe(401);
    expect((await call('2', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await call('2', { authorization: `Bearer ${token}` }, uuid())).status).toBe(401);
    const moved = await call('2', { authorization: `Bearer ${token}` });
    expect(moved.status, moved.text).toBe(200);
    await settled(`/services/${service}`, {
      state: 'healthy',
      revision: 2,
      image: `${registry.host}/shop/web:2`,
    });
    const now = String(Math.floor(Date.now() / 1_000));
    const old = String(Math.floor(Date.now() / 1_000) - 3_600);
    const signed = (at: string, tag: string) => ({
      'x-portreeve-timestamp': at,
      'x-portreeve-signature': signWebhook(hmacKey, at, tag),
    });
    expect((await call('3', signed(old, '3'))).status).toBe(401);
    expect((await call('3', signed(now, '2'))).status).toBe(401);
    expect((await call('3', signed(now, '3'))).status).toBe(200);
    await settled(`/services/${service}`, { state: 'healthy', revision: 3 });
    expect((await call('none', { authorization: `Bearer ${token}` })).json).toMatchObject({
      code: 'image.unresolvable',
    });
    const { items } = await get<{ items: object[] }>('/audit?action=services.webhook-call&outcome=refused');
    expect(items).toMatchObject([{ actor: 'webhook of web', address: '127.0.0.1' }]);
  });

  it('a signed call that was caught and is sent again undoes no later one', async () => {
    const service = await deploy('caught', web());
    await settled(`/services/${service}`, { state: 'healthy' });
    const { hmacKey } = (await admin.call('PUT', `/services/${service}/webhook`)).json as { hmacKey: string };
    const start = Math.floor(Date.now() / 1_000);
    const call = (tag: string, seconds: number) => {
      const at = String(start + seconds);
      const headers = {
        'x-portreeve-timestamp': at,
        'x-portreeve-signature': signWebhook(hmacKey, at, tag),
      };
      return test.anonymous.call('POST', `/webhooks/services/${service}`, { tag }, headers);
    };
    const first = await call('2', 0);
    expect(first.status, first.text).toBe(200);
    await settled(`/services/${service}`, { state: 'healthy', image: `${registry.host}/shop/web:2` });
    expect((await call('3', 1)).status).toBe(200);
    await settled(`/services/${service}`, { state: 'healthy', image: `${registry.host}/shop/web:3` });
    const again = await call('2', 0);
    expect({ status: again.status, json: again.json }).toEqual({ status: 200, json: first.json });
    await settled(`/services/${service}`, { revision: 3, image: `${registry.host}/shop/web:3` });
  });

  it('a re-pull rolls only when the tag has moved', async () => {
    registry.push('shop/moving', '1');
    const service = await deploy('moving', web().replace('shop/web', 'shop/moving'));
    await settled(`/services/${service}`, { state: 'healthy' });
    const same = await admin.call('POST', `/services/${service}/repull`);
    expect(same.json, same.text).toEqual({ rollout: null });
    const digest = registry.push('shop/moving', '1');
    expect((await admin.call('POST', `/services/${service}/repull`)).json).toMatchObject({
      rollout: { cause: 'repull' },
    });
    await settled(`/services/${service}`, { state: 'healthy', digest });
  });

  it('a registry says step by step what it answers', async () => {
    const { items } = await get<{ items: { id: string }[] }>('/registries');
    const tested = await admin.call('POST', `/registries/${items[0]?.id}/test`, { reference: 'shop/web:1' });
    expect(tested.json, tested.text).toMatchObject({ steps: [{ ok: true }, { ok: true }] });
    const missing = await admin.call('POST', `/registries/${items[0]?.id}/test`, {
      reference: 'shop/none:1',
    });
    expect(missing.json).toMatchObject({ steps: [{ ok: true }, { ok: false }] });
  });

  it('projects hold stacks apart, and go only when they are empty', async () => {
    const made = await admin.call('POST', '/projects', { path: '/team', portFrom: 9000, portTo: 9100 });
    expect(made.json, made.text).toMatchObject({ path: '/team', portFrom: 9000 });
    const { id, version } = made.json as { id: string; version: number };
    const edited = await admin.call(
      'PATCH',
      `/projects/${id}`,
      { displayName: 'Team' },
      { 'if-match': `"${version}"` },
    );
    expect(edited.json, edited.text).toMatchObject({ displayName: 'Team', version: 2 });
    await deploy('inside', web(), '/team');
    expect((await get<{ items: unknown[] }>('/stacks?project=/team')).items).toHaveLength(1);
    expect((await admin.call('DELETE', `/projects/${id}`)).json).toMatchObject({ code: 'in-use' });
    expect((await admin.call('POST', '/projects', { path: '/a/b' })).json).toMatchObject({
      code: 'not-found',
    });
  });

  /** May do everything in the project of that path, and nothing above it. */
  const onlyIn = async (project: string) => {
    const made = await admin.call('POST', '/me/tokens', { name: `of ${project}`, projectPath: project });
    const { token } = made.json as { token: string };
    return (method: string, path: string, body: unknown, version = 1) =>
      test.anonymous.call(method, path, body, {
        authorization: `Bearer ${token}`,
        'if-match': `"${version}"`,
      });
  };

  it('S-41 the ports of a project lie within those of the one above, which gives them', async () => {
    await admin.call('POST', '/projects', { path: '/ports', portFrom: 9000, portTo: 9100 });
    for (const ports of [{ portFrom: 22 }, { portFrom: 9050, portTo: 9101 }])
      expect((await admin.call('POST', '/projects', { path: '/ports/in', ...ports })).json).toMatchObject({
        code: 'request.invalid',
        hint: expect.stringContaining('9000–9100'),
      });
    const made = await admin.call('POST', '/projects', { path: '/ports/in', portFrom: 9010, portTo: 9020 });
    const path = `/projects/${(made.json as { id: string }).id}`;
    const inside = await onlyIn('/ports/in');
    expect((await inside('PATCH', path, { portTo: 9030 })).json).toMatchObject({
      code: 'permission.missing',
    });
    expect((await inside('PATCH', path, { displayName: 'In', portTo: 9020 })).status).toBe(200);
    const above = await onlyIn('/ports');
    expect((await above('PATCH', path, { portTo: 9101 }, 2)).json).toMatchObject({ code: 'request.invalid' });
    expect((await above('PATCH', path, { portTo: 9100 }, 2)).json).toMatchObject({ portTo: 9100 });
  });

  it('S-34 a project alone turns on neither private addresses nor plain HTTP nor a CA for a registry', async () => {
    await admin.call('POST', '/projects', { path: '/reach' });
    const inside = await onlyIn('/reach');
    const refused = { code: 'permission.missing', detail: expect.stringContaining('at the root') };
    const host = 'registry.example';
    const [caPem, otherPem] = (await Promise.all([makeCa('a'), makeCa('b')])).map((ca) => ca.certificatePem);
    for (const more of [{ allowPrivateAddress: true }, { plainHttp: true }, { caPem }])
      expect((await inside('POST', '/registries?project=/reach', { host, ...more })).json).toMatchObject(
        refused,
      );
    const made = await inside('POST', '/registries?project=/reach', { host });
    const path = `/registries/${(made.json as { id: string }).id}`;
    expect((await inside('PUT', path, { plainHttp: true })).json, made.text).toMatchObject(refused);
    const on = await admin.call('PUT', path, { plainHttp: true, caPem }, { 'if-match': '"1"' });
    expect(on.status, on.text).toBe(200);
    expect((await inside('PUT', path, { plainHttp: true, caPem: otherPem }, 2)).json).toMatchObject(refused);
    const kept = await inside('PUT', path, { plainHttp: true, username: 'me' }, 2);
    expect(kept.json, kept.text).toMatchObject({ plainHttp: true, hasCa: true, username: 'me' });
  });

  it('networks and volumes say who uses them; a used one stays, a kept one goes by its name', async () => {
    const service = await deploy('data', web('    volumes: ["files:/f"]\nvolumes: { files: {} }'));
    await settled(`/services/${service}`, { state: 'healthy' });
    const volumes = await get<{ items: { id: string; name: string; stackName: string }[] }>(
      '/volumes?search=files',
    );
    expect(volumes.items).toMatchObject([
      { name: 'files', node: { name: expect.any(String) }, usedBy: [{ name: 'data/web' }] },
    ]);
    const volume = volumes.items[0]?.id ?? '';
    const stack = await get<{ id: string; networks: { id: string }[] }>('/stacks/by-name/data?project=/');
    expect((await admin.call('DELETE', `/volumes/${volume}`, { name: 'files' })).json).toMatchObject({
      code: 'in-use',
    });
    expect((await admin.call('DELETE', `/networks/${stack.networks[0]?.id}`)).json).toMatchObject({
      code: 'in-use',
    });
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
    expect((await admin.call('DELETE', `/volumes/${volume}`, { name: 'other' })).status).toBe(400);
    expect((await admin.call('DELETE', `/volumes/${volume}`, { name: 'files' })).status).toBe(204);
  });

  it('what needs a person is on the overview and sent to a webhook, and its end too', async () => {
    const heard: { event: string; alert: { kind: string; message: string } }[] = [];
    const listener = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        heard.push(JSON.parse(text));
        response.end();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
    const blocked = await admin.call('POST', '/alert-channels', { kind: 'webhook', name: 'blocked', url });
    const tested = await admin.call('POST', `/alert-channels/${(blocked.json as { id: string }).id}/test`);
    expect(tested.json, 'S-34').toMatchObject({
      ok: false,
      text: expect.stringContaining('public internet'),
    });
    const made = await admin.call('POST', '/alert-channels', {
      kind: 'webhook',
      name: 'pager',
      url,
      secret: 's',
      allowPrivateAddress: true,
    });
    expect(made.json, made.text).toMatchObject({ target: new URL(url).origin });

    const { prisma } = test.server.platform.database;
    const lost = await agents.addNode('gone');
    await prisma.node.update({ where: { id: lost }, data: { state: 'lost', lostAt: new Date() } });
    await expect
      .poll(() => heard.map(({ event, alert }) => `${event} ${alert.kind}`), { timeout: 60_000 })
      .toContain('opened node-lost');
    const overview = await get<{ needs: { text: string }[] }>('/overview');
    expect(overview.needs.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('The node gone is lost'),
    );
    const alerts = await get<{ items: { id: string; kind: string }[] }>('/alerts');
    const alert = alerts.items.find(({ kind }) => kind === 'node-lost');
    expect((await admin.call('POST', `/alerts/${alert?.id}/acknowledge`)).json).toMatchObject({
      acknowledgedBy: 'admin',
    });
    await prisma.node.update({ where: { id: lost }, data: { state: 'removed', removedAt: new Date() } });
    await expect
      .poll(() => heard.map(({ event, alert }) => `${event} ${alert.kind}`), { timeout: 60_000 })
      .toContain('ended node-lost');
    await new Promise((resolve) => listener.close(resolve));
  });

  it('finds things by name, tells what happened in pages, and keeps settings from two writers', async () => {
    const found = await get<{ items: { kind: string; name: string }[] }>('/search?q=hooked');
    expect(found.items[0]).toMatchObject({ kind: 'stack', name: 'hooked' });
    const first = await get<{ items: { id: string }[]; next?: string }>('/activity?limit=5');
    const second = await get<{ items: { id: string }[] }>(`/activity?limit=5&cursor=${first.next}`);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(10);
    const { version } = await get<{ version: number }>('/settings');
    const edit = (body: object) => admin.call('PATCH', '/settings', body, { 'if-match': `"${version}"` });
    expect((await edit({ addressPool: '8.8.8.0/20' })).status).toBe(400);
    expect((await edit({ clusterName: 'renamed' })).json).toMatchObject({ clusterName: 'renamed' });
    expect((await edit({ clusterName: 'again' })).json).toMatchObject({ code: 'conflict.version' });
  });

  it('a list gives its pages in order, each row once', async () => {
    const names: string[] = [];
    let cursor = '';
    do {
      const page = await get<{ items: { name: string; stackName: string }[]; next?: string }>(
        `/services?limit=2&sort=name${cursor && `&cursor=${cursor}`}`,
      );
      names.push(...page.items.map(({ stackName, name }) => `${stackName}/${name}`));
      cursor = page.next ?? '';
    } while (cursor !== '');
    expect(names).toEqual([...new Set(names)].sort());
    expect(names.length).toBeGreaterThan(3);
  });

  it('shows placement, tasks, revisions and rollouts of a service', async () => {
    const { items } = await get<{ items: { id: string }[] }>('/services?search=hooked');
    const id = items[0]?.id ?? '';
    expect(await get(`/services/${id}/placement`)).toMatchObject({
      ...{ nodes: 2, fits: 2, total: 2, items: [{ failed: [] }, { failed: [] }] },
    });
    const first = await get<{ items: { id: string }[]; next: string }>(`/services/${id}/placement?limit=1`);
    const second = await get<{ items: { id: string }[] }>(
      `/services/${id}/placement?limit=1&cursor=${first.next}`,
    );
    expect(second.items[0]?.id).not.toBe(first.items[0]?.id);
    const tasks = await get<{ items: { id: string }[] }>(`/services/${id}/tasks?ended=yes`);
    expect(tasks.items.length).toBeGreaterThanOrEqual(3);
    expect(await get(`/tasks/${tasks.items[0]?.id}`)).toMatchObject({
      placement: { best: expect.any(Array) },
    });
    expect(await get(`/services/${id}/revisions`)).toMatchObject({
      items: [
        { number: 3, current: true, imageKept: true, changes: [{ path: 'image' }, { path: 'digest' }] },
        { number: 2 },
        { number: 1 },
      ],
    });
    const rollouts = await get<{ items: { id: string }[] }>(`/services/${id}/rollouts`);
    expect(rollouts.items).toMatchObject([{ cause: 'webhook' }, { cause: 'webhook' }, { cause: 'apply' }]);
    expect(await get(`/rollouts/${rollouts.items[0]?.id}`)).toMatchObject({
      state: 'succeeded',
      events: expect.any(Array),
    });
  });
});
