import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMINISTRATOR_PASSWORD, type Client, startTestServer, type TestServer } from '../test-server.ts';
import { COOKIE, PAGE_HEADER } from './authentication.ts';
import { hashPassword } from './secrets.ts';
import { resetPassword } from './users.store.ts';

let test: TestServer;
let admin: Client;
beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.close());

const at = (path: string) => `${test.server.consoleUrl}/api/v1${path}`;

describe('the first password', () => {
  it('opens one session that can do nothing but choose a password, and then never again', async () => {
    const first = await test.signIn('admin', test.firstPassword);
    expect((await first.call('GET', '/me')).json).toMatchObject({ mustChangePassword: true });
    expect((await first.call('GET', '/audit')).status).toBe(401);
    const again = await test.anonymous.call('POST', '/session', {
      name: 'admin',
      password: test.firstPassword,
    });
    expect(again.status).toBe(401);
    expect(
      (await first.call('PUT', '/me/password', { current: 'wrong', next: ADMINISTRATOR_PASSWORD })).status,
    ).toBe(401);
    const chosen = await first.call('PUT', '/me/password', {
      current: test.firstPassword,
      next: ADMINISTRATOR_PASSWORD,
    });
    expect(chosen.json).toMatchObject({ mustChangePassword: false });
    admin = await test.signIn();
    expect((await admin.call('GET', '/audit')).status).toBe(200);
  });
});

describe('a session', () => {
  it('is opened by neither half of it alone', async () => {
    const { cookie, [PAGE_HEADER]: page } = admin.headers;
    expect((await fetch(at('/me'), { headers: { cookie: cookie ?? '' } })).status).toBe(401);
    expect((await fetch(at('/me'), { headers: { [PAGE_HEADER]: page ?? '' } })).status).toBe(401);
    const other = await test.signIn();
    const mixed = { cookie: cookie ?? '', [PAGE_HEADER]: other.headers[PAGE_HEADER] ?? '' };
    expect((await fetch(at('/me'), { headers: mixed })).status).toBe(401);
  });

  it('is of no use to an application on another port that caught its cookie', async () => {
    const caught: IncomingHttpHeaders[] = [];
    const application = createServer((request, response) => {
      caught.push(request.headers);
      response.end();
    });
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    const { port } = application.address() as { port: number };
    // A browser sends the cookie to every port of the host; the page's secret it does not.
    await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie: admin.headers.cookie ?? '' } });
    application.close();
    const cookie = caught[0]?.cookie ?? '';
    expect(cookie).toContain(COOKIE);
    expect((await fetch(at('/me'), { headers: { cookie } })).status).toBe(401);
    for (const origin of [`http://127.0.0.1:${port}`, test.server.consoleUrl]) {
      const answer = await fetch(at('/me/tokens'), {
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/json' },
        body: '{"name":"stolen"}',
      });
      expect(answer.status).toBe(403);
    }
    const socket = test.server.platform.identity.authenticateSocket({
      headers: { host: new URL(test.server.consoleUrl).host, origin: test.server.consoleUrl, cookie },
      auth: {},
      address: '127.0.0.1',
    });
    await expect(socket).rejects.toMatchObject({ code: 'auth.required' });
  });

  it('is not reached by forms, text bodies or requests of other sites', async () => {
    const cookie = admin.headers.cookie ?? '';
    const page = admin.headers[PAGE_HEADER] ?? '';
    const body = '{"name":"forged"}';
    const attempts: Record<string, string>[] = [
      { cookie, 'content-type': 'application/json' },
      { cookie, 'content-type': 'text/plain' },
      { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      { cookie, 'content-type': 'multipart/form-data; boundary=x' },
      { cookie, [PAGE_HEADER]: page, 'content-type': 'application/json', origin: 'https://evil.example' },
      { cookie, [PAGE_HEADER]: page, 'content-type': 'application/json', origin: 'null' },
      { cookie, [PAGE_HEADER]: page, 'content-type': 'application/json', host: 'evil.example' },
    ];
    for (const headers of attempts) {
      const { status } = await callWithHost(headers, body);
      expect({ headers, status }).toEqual({ headers, status: 403 });
    }
    expect(await test.db.database.prisma.token.count({ where: { name: 'forged' } })).toBe(0);
  });

  it('ends at once when it is ended elsewhere, and with a new password all others end', async () => {
    const [one, two] = [await test.signIn(), await test.signIn()];
    const { items } = (await one.call('GET', '/me/sessions')).json as {
      items: { id: string; current: boolean }[];
    };
    expect(items.filter((session) => session.current)).toHaveLength(1);
    await two.call('DELETE', '/session');
    expect((await two.call('GET', '/me')).status).toBe(401);
    const three = await test.signIn();
    await one.call('PUT', '/me/password', {
      current: ADMINISTRATOR_PASSWORD,
      next: `${ADMINISTRATOR_PASSWORD}!`,
    });
    expect((await three.call('GET', '/me')).status).toBe(401);
    expect((await one.call('GET', '/me')).status).toBe(200);
    await one.call('PUT', '/me/password', {
      current: `${ADMINISTRATOR_PASSWORD}!`,
      next: ADMINISTRATOR_PASSWORD,
    });
    admin = await test.signIn();
  });

  it('changes its cookie with time, and the one before stays good only for a moment', async () => {
    const page = await test.signIn();
    const { prisma } = test.db.database;
    const aged = new Date(Date.now() - 20 * 60_000);
    await prisma.session.updateMany({ where: { endedAt: null }, data: { rotatedAt: aged } });
    const rotated = await page.call('GET', '/me');
    const cookie = rotated.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    expect((await page.call('GET', '/me')).status).toBe(200);
    await prisma.session.updateMany({ where: { endedAt: null }, data: { rotatedAt: aged } });
    expect((await page.call('GET', '/me')).status).toBe(401);
    const fresh = { cookie: cookie.split(';')[0] ?? '' };
    expect((await page.call('GET', '/me', undefined, fresh)).status).toBe(200);
    admin = await test.signIn();
  });
});

/** fetch does not let a test choose the Host header. */
const callWithHost = async (headers: Record<string, string>, body: string): Promise<{ status: number }> => {
  const { statusCode } = await test.server.platform.http.app.inject({
    method: 'POST',
    url: '/api/v1/me/tokens',
    headers: { host: new URL(test.server.consoleUrl).host, ...headers },
    payload: body,
  });
  return { status: statusCode };
};

describe('a live socket', () => {
  it('is refused to pages of other sites and to those that name none, before anything is looked up', async () => {
    const { host } = new URL(test.server.consoleUrl);
    const { cookie, [PAGE_HEADER]: page } = admin.headers;
    const open = (origin: string | undefined) =>
      test.server.platform.identity.authenticateSocket({
        headers: { host, origin, cookie },
        auth: { page },
        address: '127.0.0.1',
      });
    for (const origin of [
      'https://evil.example',
      'null',
      `${test.server.consoleUrl}.evil.com`,
      'http://127.0.0.1:1',
      undefined,
    ])
      await expect(open(origin)).rejects.toMatchObject({ code: 'auth.origin' });
    await expect(open(test.server.consoleUrl)).resolves.toMatchObject({ subject: { name: 'admin' } });
  });
});

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
      ['DELETE', '/session'],
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

describe('the audit', () => {
  it('holds sign-ins, refusals and actions, sealed within seconds in a chain that can be checked', async () => {
    await test.anonymous.call('POST', '/session', { name: 'admin', password: 'wrong' });
    await expect
      .poll(
        async () => {
          const { items } = (await admin.call('GET', '/audit?limit=100')).json as {
            items: { sealed: boolean }[];
          };
          return items.length > 5 && items.every((item) => item.sealed);
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    const { items } = (await admin.call('GET', '/audit?action=session.sign-in&limit=100')).json as {
      items: { outcome: string }[];
    };
    expect(items.map((item) => item.outcome)).toEqual(expect.arrayContaining(['done', 'refused']));
    expect((await admin.call('POST', '/audit/verify')).json).toMatchObject({ ok: true, firstBad: null });
  });
});

describe('guessing', () => {
  it('is slowed down for who does it, and locks nobody else out', async () => {
    const guess = (from: string) =>
      test.server.platform.http.app.inject({
        method: 'POST',
        url: '/api/v1/session',
        remoteAddress: from,
        headers: { host: 'localhost' },
        payload: { name: 'admin', password: 'guess' },
      });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) statuses.push((await guess('203.0.113.7')).statusCode);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.at(-1)).toBe(429);
    expect((await guess('203.0.113.7')).headers['retry-after']).toBeDefined();
    expect((await guess('203.0.113.8')).statusCode).toBe(401);
    await expect(test.signIn()).resolves.toBeDefined();
  });
});

describe('guessing many at once', () => {
  const from = (remoteAddress: string, url: string, payload: object, method: 'POST' | 'PUT' = 'POST') =>
    test.server.platform.http.app.inject({
      ...{ method, url: `/api/v1${url}`, remoteAddress, payload },
      headers: { host: 'localhost', ...(url.startsWith('/session') ? {} : admin.headers) },
    });
  const judged = async (attempts: ReturnType<typeof from>[], is: number): Promise<number> => {
    const statuses = (await Promise.all(attempts)).map(({ statusCode }) => statusCode);
    expect(new Set(statuses)).toEqual(new Set([is, 429]));
    return statuses.filter((status) => status === is).length;
  };
  const many = (one: () => ReturnType<typeof from>) => Array.from({ length: 40 }, one);

  it('is judged no more often than one after the other: passwords, the present password, codes', async () => {
    const guess = { name: 'admin', password: 'guess' };
    expect(
      await judged(
        many(() => from('203.0.113.20', '/session', guess)),
        401,
      ),
    ).toBe(5);
    const change = { current: 'guess', next: 'another long password' };
    expect(
      await judged(
        many(() => from('203.0.113.21', '/me/password', change, 'PUT')),
        401,
      ),
    ).toBe(5);
    const confirm = { confirm: true };
    expect(
      await judged(
        many(() => from('203.0.113.22', '/device/AAAA-AAAA', confirm)),
        404,
      ),
    ).toBe(5);
  });

  it('many names from one address, or addresses of one IPv6 network, are one who guesses', async () => {
    let name = 0;
    const names = many(() => from('203.0.113.23', '/session', { name: `n${++name}`, password: 'x' }));
    expect(await judged(names, 401)).toBe(30);
    let host = 0;
    const guess = { name: 'admin', password: 'guess' };
    const hosts = many(() => from(`2001:db8:0:7::${(++host).toString(16)}`, '/session', guess));
    expect(await judged(hosts, 401)).toBe(5);
    expect((await from('2001:db8:0:8::1', '/session', guess)).statusCode).toBe(401);
  });

  it('a right password is no attempt of its address, however often it is used', async () => {
    const right = { name: 'admin', password: ADMINISTRATOR_PASSWORD };
    for (let round = 0; round < 35; round += 1)
      expect((await from('203.0.113.24', '/session', right)).statusCode).toBe(200);
  });

  it('a one-time password opens one session, also when two use it at the same moment', async () => {
    const { database } = test.db;
    const password = await database.transaction((tx) => resetPassword(tx, 'admin'));
    const use = () => from('203.0.113.25', '/session', { name: 'admin', password });
    const statuses = (await Promise.all([use(), use(), use()])).map(({ statusCode }) => statusCode);
    expect(statuses.toSorted()).toEqual([200, 401, 401]);
    const passwordHash = await hashPassword(ADMINISTRATOR_PASSWORD);
    await database.prisma.user.updateMany({ data: { passwordHash, mustChange: false } });
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
