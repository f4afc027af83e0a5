import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

describe('the address pool', { timeout: 60_000 }, () => {
  let test: TestServer;
  let admin: Client;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    const { database } = test.server.platform;
    const nodeId = await createFakeAgents(database).addNode('here');
    const facts = JSON.stringify({ routes: ['172.20.0.0/16', '192.0.2.0/24'] });
    await database.prisma
      .$executeRaw`UPDATE "Node" SET facts = facts || ${facts}::jsonb WHERE id = ${nodeId}::uuid`;
  });
  afterAll(() => test?.close());

  const choose = async (addressPool: string) => {
    const { version } = (await admin.call('GET', '/settings')).json as { version: number };
    return admin.call('PATCH', '/settings', { addressPool }, { 'if-match': `"${version}"` });
  };

  it.each([
    ['that holds a route of a host', '172.16.0.0/12'],
    ['that lies within one', '172.20.64.0/20'],
  ])('is refused %s, with the host and the route', async (_, pool) => {
    const answer = await choose(pool);
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({
      code: 'conflict.state',
      detail: `here has a route to 172.20.0.0/16, which overlaps ${pool}.`,
      hint: 'Choose a range that no host routes elsewhere.',
    });
  });

  it('may be any private range that no host routes', async () => {
    const answer = await choose('172.24.0.0/13');
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ addressPool: '172.24.0.0/13' });
  });

  it('says afterwards where a host has come to route into it', async () => {
    const { database } = test.server.platform;
    const facts = JSON.stringify({ routes: ['172.25.1.0/24'] });
    await database.prisma.$executeRaw`UPDATE "Node" SET facts = facts || ${facts}::jsonb`;
    expect((await admin.call('GET', '/settings')).json).toMatchObject({
      poolConflicts: ['here has a route to 172.25.1.0/24, which overlaps 172.24.0.0/13.'],
    });
  });
});

describe('what the sign-in page says', { timeout: 60_000 }, () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startTestServer();
  });
  afterAll(() => test?.close());

  it('is read by whoever comes there, signed in or not', async () => {
    const admin = await test.administrator();
    const signInBanner = 'For the staff of Example only.';
    const changed = await admin.call('PATCH', '/settings', { signInBanner }, { 'if-match': '"1"' });
    expect(changed.status, changed.text).toBe(200);
    const stranger = await test.anonymous.call('GET', '/session/directories');
    expect(stranger.json).toEqual({ banner: signInBanner, directories: [] });
  });
});
