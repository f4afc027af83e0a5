import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

let test: TestServer;
let admin: Client;
beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
});
afterAll(() => test.close());

describe('a token', () => {
  it('is shown once, kept as a hash, and makes the cookie not count', async () => {
    const made = (await admin.call('POST', '/me/tokens', { name: 'ci', permissions: ['audit.read'] }))
      .json as {
      token: string;
      view: { id: string };
    };
    const stored = JSON.stringify(await test.db.database.prisma.token.findMany());
    expect(stored).not.toContain(made.token);
    const bearer = { authorization: `Bearer ${made.token}` };
    expect((await test.anonymous.call('GET', '/audit', undefined, bearer)).status).toBe(200);
    // With the administrator's cookie as well it is still only the token.
    expect((await admin.call('POST', '/me/tokens', { name: 'more' }, bearer)).status).toBe(403);
    expect((await admin.call('GET', '/me', undefined, { authorization: 'Bearer prt_wrong' })).status).toBe(
      401,
    );
    await admin.call('DELETE', `/me/tokens/${made.view.id}`);
    expect((await test.anonymous.call('GET', '/audit', undefined, bearer)).status).toBe(401);
  });

  it('is refused in an address, and appears in no answer, audit entry or row', async () => {
    const { token } = (await admin.call('POST', '/me/tokens', { name: 'leak' })).json as { token: string };
    const answer = await test.anonymous.call('GET', `/me?token=${token}`);
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain(token);
    expect((await admin.call('GET', `/me?access_token=${token}`)).status).toBe(401);
    expect((await admin.call('GET', '/audit?limit=500')).text).not.toContain(token);
    expect((await admin.call('GET', '/me/tokens')).text).not.toContain(token);
  });

  it('cannot make one that may do more than itself', async () => {
    const made = await admin.call('POST', '/me/tokens', {
      name: 'maker',
      permissions: ['token.own', 'audit.read'],
      projectPath: '/shop',
    });
    const bearer = { authorization: `Bearer ${(made.json as { token: string }).token}` };
    const make = (body: object) =>
      test.anonymous.call('POST', '/me/tokens', { name: 'child', ...body }, bearer);
    expect((await make({ permissions: [], projectPath: '/shop' })).status).toBe(403);
    expect((await make({ permissions: ['node.remove'], projectPath: '/shop' })).status).toBe(403);
    expect((await make({ permissions: ['audit.read'], projectPath: '/' })).status).toBe(403);
    expect((await make({ permissions: ['audit.read'], projectPath: '/shop/prod' })).status).toBe(200);
  });

  it('makes none that outlives it', async () => {
    const made = await admin.call('POST', '/me/tokens', { name: 'short', expiresInDays: 1 });
    const short = made.json as { token: string; view: { expiresAt: string } };
    const bearer = { authorization: `Bearer ${short.token}` };
    const body = { name: 'long', permissions: [], expiresInDays: 365 };
    const child = await test.anonymous.call('POST', '/me/tokens', body, bearer);
    expect(child.json).toMatchObject({ view: { expiresAt: short.view.expiresAt } });
  });

  it('takes with it all that it made, and what they made, when it is revoked, also what is being made then', async () => {
    type Made = { token: string; view: { id: string } };
    const make = async (name: string, by?: Made) => {
      const body = { name, permissions: ['token.own', 'audit.read'] };
      const answer = by
        ? await test.anonymous.call('POST', '/me/tokens', body, { authorization: `Bearer ${by.token}` })
        : await admin.call('POST', '/me/tokens', body);
      return answer.json as Made;
    };
    const reads = async ({ token }: Made) =>
      (await test.anonymous.call('GET', '/audit', undefined, { authorization: `Bearer ${token}` })).status;
    const [first, other] = [await make('first'), await make('other')];
    const child = await make('child', first);
    const grandchild = await make('grandchild', child);
    const all = [first, child, grandchild, other];
    expect(await Promise.all(all.map(reads))).toEqual([200, 200, 200, 200]);
    await Promise.all([
      admin.call('DELETE', `/me/tokens/${first.view.id}`),
      ...Array.from({ length: 5 }, (_, n) => make(`late ${n}`, n % 2 ? first : grandchild)),
    ]);
    expect(await Promise.all(all.map(reads))).toEqual([401, 401, 401, 200]);
    const late = { name: { startsWith: 'late' }, revokedAt: null };
    expect(await test.db.database.prisma.token.count({ where: late })).toBe(0);
  });

  it("gets no answer of the person's own request by repeating it", async () => {
    const key = { 'idempotency-key': 'deploy-7' };
    const body = { name: 'mighty', permissions: [], projectPath: '/' };
    const mighty = (await admin.call('POST', '/me/tokens', body, key)).json as { token: string };
    const made = await admin.call('POST', '/me/tokens', { name: 'weak', permissions: ['audit.read'] });
    const { token } = made.json as { token: string };
    const bearer = { authorization: `Bearer ${token}` };
    const repeated = await test.anonymous.call('POST', '/me/tokens', body, { ...key, ...bearer });
    expect(repeated.status).toBe(403);
    expect(repeated.text).not.toContain(mighty.token);
  });

  it('neither ends, sees nor changes what belongs to the browsers of its owner', async () => {
    const { token } = (await admin.call('POST', '/me/tokens', { name: 'no person' })).json as {
      token: string;
    };
    const bearer = { authorization: `Bearer ${token}` };
    const { items } = (await admin.call('GET', '/me/sessions')).json as { items: { id: string }[] };
    const attempts: [string, string, object?][] = [
      ['DELETE', '/me/sessions'],
      ['DELETE', `/me/sessions/${items[0]?.id}`],
      ['GET', '/me/sessions'],
      ['PUT', '/me/preferences', {}],
    ];
    for (const [method, path, body] of attempts) {
      const { status, json } = await test.anonymous.call(method, path, body, bearer);
      expect({ method, path, status, json }).toMatchObject({
        status: 403,
        json: { code: 'permission.missing' },
      });
    }
    expect((await admin.call('GET', '/me')).status).toBe(200);
  });

  it('signs out by ending itself, however narrow it is, and no session', async () => {
    const made = await admin.call('POST', '/me/tokens', { name: 'narrow', permissions: ['audit.read'] });
    const bearer = { authorization: `Bearer ${(made.json as { token: string }).token}` };
    expect((await test.anonymous.call('DELETE', '/session', undefined, bearer)).status).toBe(204);
    expect((await test.anonymous.call('GET', '/audit', undefined, bearer)).status).toBe(401);
    expect((await admin.call('GET', '/me')).status).toBe(200);
  });

  it('reaches a command line by a code that a person confirms', async () => {
    const started = (await test.anonymous.call('POST', '/device', { description: 'laptop' })).json as {
      deviceCode: string;
      userCode: string;
    };
    const poll = () => test.anonymous.call('POST', '/device/token', { deviceCode: started.deviceCode });
    expect((await poll()).json).toEqual({ state: 'waiting' });
    expect((await admin.call('GET', `/device/${started.userCode}`)).json).toMatchObject({
      description: 'laptop',
    });
    expect((await admin.call('POST', `/device/${started.userCode}`, { confirm: true })).status).toBe(204);
    const confirmed = (await poll()).json as { state: string; token: string };
    const bearer = { authorization: `Bearer ${confirmed.token}` };
    expect((await test.anonymous.call('GET', '/me', undefined, bearer)).json).toMatchObject({
      name: 'admin',
    });
    const { items } = (await admin.call('GET', '/audit?action=token.create&limit=1')).json as {
      items: object[];
    };
    expect(items[0]).toMatchObject({
      actor: 'admin',
      object: 'token laptop',
      detail: { code: started.userCode },
    });
    expect((await poll()).json).toEqual({ state: 'refused' });
    expect((await admin.call('POST', `/device/${started.userCode}`, { confirm: true })).status).toBe(404);
  });
});

describe('a change', () => {
  it('that is repeated with its key gives the first answer again and does nothing', async () => {
    const key = { 'idempotency-key': 'once-1' };
    const first = await admin.call('POST', '/me/tokens', { name: 'once' }, key);
    const second = await admin.call('POST', '/me/tokens', { name: 'once' }, key);
    expect(second.json).toEqual(first.json);
    expect(await test.db.database.prisma.token.count({ where: { name: 'once' } })).toBe(1);
    expect((await admin.call('POST', '/me/tokens', { name: 'other' }, key)).status).toBe(422);
  });
});

describe('the sign-in of a command line', () => {
  it('is begun only so often from one address, and what ran out is not kept', async () => {
    const begin = (from: string) =>
      test.server.platform.http.app.inject({
        method: 'POST',
        url: '/api/v1/device',
        remoteAddress: from,
        headers: { host: 'localhost' },
        payload: { description: 'flood' },
      });
    const { deviceCode } = test.db.database.prisma;
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 22; attempt += 1) statuses.push((await begin('203.0.113.9')).statusCode);
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(statuses.at(-1)).toBe(429);
    const where = { description: 'flood' };
    await deviceCode.updateMany({ where, data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect((await begin('203.0.113.10')).statusCode).toBe(200);
    expect(await deviceCode.count({ where })).toBe(1);
  });
});
