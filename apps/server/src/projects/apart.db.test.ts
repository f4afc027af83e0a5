import { describe, expect, it } from 'vitest';
import { makeCa } from '../platform/ca/certificates.ts';
import { useServedWorld } from '../stacks/test-world.ts';

describe('projects and what is theirs', { timeout: 120_000 }, () => {
  const world = useServedWorld();
  const { deploy, get, web } = world;

  it('projects hold stacks apart, and go only when they are empty', async () => {
    const made = await world.admin.call('POST', '/projects', { path: '/team', portFrom: 9000, portTo: 9100 });
    expect(made.json, made.text).toMatchObject({ path: '/team', portFrom: 9000 });
    const { id, version } = made.json as { id: string; version: number };
    const edited = await world.admin.call(
      'PATCH',
      `/projects/${id}`,
      { displayName: 'Team' },
      { 'if-match': `"${version}"` },
    );
    expect(edited.json, edited.text).toMatchObject({ displayName: 'Team', version: 2 });
    await deploy('inside', web(), '/team');
    expect((await get<{ items: unknown[] }>('/stacks?project=/team')).items).toHaveLength(1);
    expect((await world.admin.call('DELETE', `/projects/${id}`)).json).toMatchObject({ code: 'in-use' });
    expect((await world.admin.call('POST', '/projects', { path: '/a/b' })).json).toMatchObject({
      code: 'not-found',
    });
  });

  /** May do everything in the project of that path, and nothing above it. */
  const onlyIn = async (project: string) => {
    const made = await world.admin.call('POST', '/me/tokens', {
      name: `of ${project}`,
      projectPath: project,
    });
    const { token } = made.json as { token: string };
    return (method: string, path: string, body: unknown, version = 1) =>
      world.test.anonymous.call(method, path, body, {
        authorization: `Bearer ${token}`,
        'if-match': `"${version}"`,
      });
  };

  it('S-41 the ports of a project lie within those of the one above, which gives them', async () => {
    await world.admin.call('POST', '/projects', { path: '/ports', portFrom: 9000, portTo: 9100 });
    for (const ports of [{ portFrom: 22 }, { portFrom: 9050, portTo: 9101 }])
      expect(
        (await world.admin.call('POST', '/projects', { path: '/ports/in', ...ports })).json,
      ).toMatchObject({
        code: 'request.invalid',
        hint: expect.stringContaining('9000–9100'),
      });
    const made = await world.admin.call('POST', '/projects', {
      path: '/ports/in',
      portFrom: 9010,
      portTo: 9020,
    });
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
    await world.admin.call('POST', '/projects', { path: '/reach' });
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
    const on = await world.admin.call('PUT', path, { plainHttp: true, caPem }, { 'if-match': '"1"' });
    expect(on.status, on.text).toBe(200);
    expect((await inside('PUT', path, { plainHttp: true, caPem: otherPem }, 2)).json).toMatchObject(refused);
    const kept = await inside('PUT', path, { plainHttp: true, username: 'me' }, 2);
    expect(kept.json, kept.text).toMatchObject({ plainHttp: true, hasCa: true, username: 'me' });
  });

  it('a registry says step by step what it answers', async () => {
    const { items } = await get<{ items: { id: string }[] }>('/registries');
    const tested = await world.admin.call('POST', `/registries/${items[0]?.id}/test`, {
      reference: 'shop/web:1',
    });
    expect(tested.json, tested.text).toMatchObject({ steps: [{ ok: true }, { ok: true }] });
    const missing = await world.admin.call('POST', `/registries/${items[0]?.id}/test`, {
      reference: 'shop/none:1',
    });
    expect(missing.json).toMatchObject({ steps: [{ ok: true }, { ok: false }] });
  });
});
