import { beforeAll, describe, expect, it } from 'vitest';
import { useServedWorld } from '../stacks/test-world.ts';

describe('a cluster in use', { timeout: 120_000 }, () => {
  const world = useServedWorld();
  const { deploy, get, settled, web } = world;

  const services: string[] = [];

  beforeAll(async () => {
    for (const name of ['hooked', 'caught', 'moving', 'data']) services.push(await deploy(name, web()));
  });

  it('finds things by name', async () => {
    const found = await get<{ items: { kind: string; name: string }[] }>('/search?q=hooked');
    expect(found.items[0]).toMatchObject({ kind: 'stack', name: 'hooked' });
  });

  it('tells what happened in pages', async () => {
    for (const id of services) await settled(`/services/${id}`, { state: 'healthy' });
    const first = await get<{ items: { id: string }[]; next?: string }>('/activity?limit=5');
    const second = await get<{ items: { id: string }[] }>(`/activity?limit=5&cursor=${first.next}`);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(10);
  });

  it('keeps settings from the second of two writers', async () => {
    const { version } = await get<{ version: number }>('/settings');
    const edit = (body: object) =>
      world.admin.call('PATCH', '/settings', body, { 'if-match': `"${version}"` });
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
});
