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
    const fresh = { cookie: cookie.split(';')[0] ?? '' };
    expect((await page.call('GET', '/me')).status).toBe(200);
    expect((await page.call('GET', '/me', undefined, fresh)).status).toBe(200);
    expect((await page.call('GET', '/me')).status).toBe(200);
    await prisma.session.updateMany({ where: { endedAt: null }, data: { rotatedAt: aged } });
    expect((await page.call('GET', '/me')).status).toBe(401);
    expect((await page.call('GET', '/me', undefined, fresh)).status).toBe(200);
    admin = await test.signIn();
  });

  it('gives its cookie anew to a page that never got it: the answer that carried it was lost', async () => {
    const page = await test.signIn();
    const { prisma } = test.db.database;
    const age = async (minutes: number) => {
      const at = new Date(Date.now() - minutes * 60_000);
      await prisma.session.updateMany({ where: { endedAt: null }, data: { rotatedAt: at, seenAt: at } });
    };
    await age(20);
    const lost = (await page.call('GET', '/me')).headers.get('set-cookie')?.split(';')[0] ?? '';
    await age(5);
    const again = await page.call('GET', '/me');
    expect(again.status).toBe(200);
    const fresh = { cookie: again.headers.get('set-cookie')?.split(';')[0] ?? '' };
    expect(fresh.cookie).not.toBe(lost);
    expect((await page.call('GET', '/me', undefined, { cookie: lost })).status).toBe(401);
    expect((await page.call('GET', '/me', undefined, fresh)).status).toBe(200);
    await prisma.session.updateMany({
      where: { endedAt: null },
      data: { rotatedAt: new Date(Date.now() - 300_000) },
    });
    expect((await page.call('GET', '/me')).status).toBe(401);
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

describe('the audit', () => {
  it('holds sign-ins, refusals and actions, sealed in a chain that can be checked', async () => {
    await test.anonymous.call('POST', '/session', { name: 'admin', password: 'wrong' });
    await admin.call('PUT', '/me/preferences', { theme: 'dark' });
    await expect
      .poll(async () => {
        const { items } = (await admin.call('GET', '/audit?limit=100')).json as {
          items: { sealed: boolean }[];
        };
        return items.length > 5 && items.every((item) => item.sealed);
      })
      .toBe(true);
    const { items } = (await admin.call('GET', '/audit?action=session.sign-in&limit=100')).json as {
      items: { outcome: string }[];
    };
    expect(items.map((item) => item.outcome)).toEqual(expect.arrayContaining(['done', 'refused']));
    const own = await admin.call('GET', '/audit?action=session.preferences');
    expect((own.json as { items: object[] }).items, own.text).toMatchObject([
      { detail: { names: ['theme'] } },
    ]);
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
