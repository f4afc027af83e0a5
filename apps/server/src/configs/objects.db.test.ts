import { describe, expect, it } from 'vitest';
import { useServedWorld } from '../stacks/test-world.ts';

describe('objects of a project', { timeout: 120_000 }, () => {
  const world = useServedWorld();
  const { deploy, get, settled, web } = world;

  it('a new version of a secret rolls the services that use it, and its content is nowhere to be read', async () => {
    const contentBase64 = Buffer.from('canary-1').toString('base64');
    const made = await world.admin.call('POST', '/secrets?project=/', { name: 'token', contentBase64 });
    expect(made.status, made.text).toBe(200);
    const { id } = made.json as { id: string };
    const service = await deploy(
      'secretive',
      web('    secrets: [token]\nsecrets: { token: { external: true } }'),
    );
    await settled(`/services/${service}`, { state: 'healthy', revision: 1 });
    const change = (content: string, version: number) =>
      world.admin.call(
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
    const refused = await world.admin.call('DELETE', `/secrets/${id}`);
    expect(refused.json).toMatchObject({ code: 'secret.in-use' });
    for (const path of ['/secrets', '/activity', '/audit', `/services/${service}/revisions/2`])
      expect((await world.admin.call('GET', path)).text).not.toContain(
        Buffer.from('canary-2').toString('base64'),
      );
    expect(await get(`/services/${service}/diff?from=1&to=2`)).toEqual({ changes: [] });
  });

  it('a config can be read again, by version', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const made = await world.admin.call('POST', '/configs?project=/', {
      name: 'motd',
      contentBase64: encode('one'),
    });
    const { id } = made.json as { id: string };
    await world.admin.call('PUT', `/configs/${id}`, { contentBase64: encode('two') }, { 'if-match': '"1"' });
    expect(await get(`/configs/${id}/content`)).toEqual({ contentBase64: encode('two'), version: 2 });
    expect(await get(`/configs/${id}/content?version=1`)).toEqual({
      contentBase64: encode('one'),
      version: 1,
    });
    const again = await world.admin.call('POST', '/configs?project=/', {
      name: 'motd',
      contentBase64: encode('x'),
    });
    expect(again.json).toMatchObject({ code: 'conflict.name' });
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
    expect((await world.admin.call('DELETE', `/volumes/${volume}`, { name: 'files' })).json).toMatchObject({
      code: 'in-use',
    });
    expect((await world.admin.call('DELETE', `/networks/${stack.networks[0]?.id}`)).json).toMatchObject({
      code: 'in-use',
    });
    expect((await world.admin.call('DELETE', `/stacks/${stack.id}`)).status).toBe(204);
    await expect
      .poll(
        async () => {
          await world.agents.obey();
          return (await world.admin.call('GET', `/stacks/${stack.id}`)).status;
        },
        { timeout: 60_000 },
      )
      .toBe(404);
    expect((await world.admin.call('DELETE', `/volumes/${volume}`, { name: 'other' })).status).toBe(400);
    expect((await world.admin.call('DELETE', `/volumes/${volume}`, { name: 'files' })).status).toBe(204);
  });
});
