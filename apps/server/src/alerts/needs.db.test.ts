import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { useServedWorld } from '../stacks/test-world.ts';

describe('what needs a person', { timeout: 120_000 }, () => {
  const world = useServedWorld();
  const { get } = world;

  it('is on the overview and sent to a webhook, and its end too', async () => {
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
    const blocked = await world.admin.call('POST', '/alert-channels', {
      kind: 'webhook',
      name: 'blocked',
      url,
    });
    const tested = await world.admin.call(
      'POST',
      `/alert-channels/${(blocked.json as { id: string }).id}/test`,
    );
    expect(tested.json, 'S-34').toMatchObject({
      ok: false,
      text: expect.stringContaining('public internet'),
    });
    const made = await world.admin.call('POST', '/alert-channels', {
      kind: 'webhook',
      name: 'pager',
      url,
      secret: 's',
      allowPrivateAddress: true,
    });
    expect(made.json, made.text).toMatchObject({ target: new URL(url).origin });

    const { prisma } = world.test.server.platform.database;
    const lost = await world.agents.addNode('gone');
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
    expect((await world.admin.call('POST', `/alerts/${alert?.id}/acknowledge`)).json).toMatchObject({
      acknowledgedBy: 'admin',
    });
    await prisma.node.update({ where: { id: lost }, data: { state: 'removed', removedAt: new Date() } });
    await expect
      .poll(() => heard.map(({ event, alert }) => `${event} ${alert.kind}`), { timeout: 60_000 })
      .toContain('ended node-lost');
    await new Promise((resolve) => listener.close(resolve));
  });
});
