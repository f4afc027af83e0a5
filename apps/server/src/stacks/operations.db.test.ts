import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { useServedWorld } from './test-world.ts';
import { signWebhook } from './webhooks.routes.ts';

describe('a service from day to day', { timeout: 120_000 }, () => {
  const world = useServedWorld();
  const { deploy, get, settled, web } = world;

  it('a webhook moves its service to a tag of its repository, by token or by signature, and nothing else', async () => {
    const service = await deploy('hooked', web());
    await settled(`/services/${service}`, { state: 'healthy' });
    const made = await world.admin.call('PUT', `/services/${service}/webhook`);
    const { token, hmacKey } = made.json as { token: string; hmacKey: string };
    const call = (tag: string, headers: Record<string, string>, id = service) =>
      world.test.anonymous.call('POST', `/webhooks/services/${id}`, { tag }, headers);
    expect((await call('2', {})).status).toBe(401);
    expect((await call('2', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await call('2', { authorization: `Bearer ${token}` }, uuid())).status).toBe(401);
    const moved = await call('2', { authorization: `Bearer ${token}` });
    expect(moved.status, moved.text).toBe(200);
    await settled(`/services/${service}`, {
      state: 'healthy',
      revision: 2,
      image: `${world.registry.host}/shop/web:2`,
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
    const { hmacKey } = (await world.admin.call('PUT', `/services/${service}/webhook`)).json as {
      hmacKey: string;
    };
    const start = Math.floor(Date.now() / 1_000);
    const call = (tag: string, seconds: number) => {
      const at = String(start + seconds);
      const headers = {
        'x-portreeve-timestamp': at,
        'x-portreeve-signature': signWebhook(hmacKey, at, tag),
      };
      return world.test.anonymous.call('POST', `/webhooks/services/${service}`, { tag }, headers);
    };
    const first = await call('2', 0);
    expect(first.status, first.text).toBe(200);
    await settled(`/services/${service}`, { state: 'healthy', image: `${world.registry.host}/shop/web:2` });
    expect((await call('3', 1)).status).toBe(200);
    await settled(`/services/${service}`, { state: 'healthy', image: `${world.registry.host}/shop/web:3` });
    const again = await call('2', 0);
    expect({ status: again.status, json: again.json }).toEqual({ status: 200, json: first.json });
    await settled(`/services/${service}`, { revision: 3, image: `${world.registry.host}/shop/web:3` });
  });

  it('a re-pull rolls only when the tag has moved', async () => {
    world.registry.push('shop/moving', '1');
    const service = await deploy('moving', web().replace('shop/web', 'shop/moving'));
    await settled(`/services/${service}`, { state: 'healthy' });
    const same = await world.admin.call('POST', `/services/${service}/repull`);
    expect(same.json, same.text).toEqual({ rollout: null });
    const digest = world.registry.push('shop/moving', '1');
    expect((await world.admin.call('POST', `/services/${service}/repull`)).json).toMatchObject({
      rollout: { cause: 'repull' },
    });
    await settled(`/services/${service}`, { state: 'healthy', digest });
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
