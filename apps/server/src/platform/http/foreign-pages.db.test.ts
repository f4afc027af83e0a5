import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_HEADER } from '../../identity/authentication.ts';
import { openBrowserSocket } from '../../live/test-socket.ts';
import { sendRaw } from '../../test-raw-http.ts';
import { rowCounts } from '../../test-rows.ts';
import { type Client, startTestServer, type TestServer } from '../../test-server.ts';

const ID = '01990000-0000-7000-8000-000000000000';

describe('a page that is not ours', () => {
  let test: TestServer;
  let admin: Client;
  let host: string;
  let cookie: string;
  let page: string;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    host = new URL(test.server.consoleUrl).host;
    cookie = admin.headers.cookie ?? '';
    page = admin.headers[PAGE_HEADER] ?? '';
  });
  afterAll(() => test.close());

  const routes = () => [...test.server.platform.http.mounted.values()].map(({ route }) => route);
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    sendRaw(test.server.consoleUrl, {
      method,
      path: `/api/v1${path.replaceAll(/:(\w+)/g, ID)}`,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  /** Nothing was made and nothing is said to have been done. */
  const unchanged = async (work: () => Promise<void>): Promise<void> => {
    const { database } = test.db;
    const before = await rowCounts(database);
    const entries = await database.prisma.auditEntry.count();
    await work();
    expect(await rowCounts(database)).toEqual(before);
    expect(await database.prisma.auditEntry.count()).toBe(entries);
  };
  /** A websocket as a browser asks for it. */
  const upgrade = (headers: Record<string, string>, path = '/socket.io/?EIO=4&transport=websocket') =>
    sendRaw(test.server.consoleUrl, {
      path,
      headers: {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers },
      },
    });

  it('S-12 changes nothing by any route with the cookie alone, as JSON, text or form', () =>
    unchanged(async () => {
      const types = [
        'application/json',
        'text/plain',
        'text/plain;charset=application/json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        '',
      ];
      for (const { id, method, path, permission } of routes()) {
        if (method === 'GET' || permission === 'public') continue;
        for (const type of types) {
          const headers: Record<string, string> = { cookie, ...(type && { 'content-type': type }) };
          const { status, text } = await send(method, path, headers, '{"name":"forged"}');
          expect({ id, type, status, text }).toMatchObject({ id, type, status: 403 });
          expect(JSON.parse(text)).toMatchObject({ code: 'auth.origin' });
        }
      }
    }));

  it('S-12 changes nothing by any route even where it knows the page’s secret, since its origin is another', () =>
    unchanged(async () => {
      const origins = [
        ...['https://evil.example', 'null', `http://${host}.evil.example`, `ftp://${host}`],
        ...[
          'http://127.0.0.1',
          'http://localhost:1',
          '',
          'file://',
          `http://user@${host}`,
          `http://${host}/`,
        ],
      ];
      for (const { id, method, path } of routes()) {
        if (method === 'GET') continue;
        for (const origin of origins) {
          const headers = { cookie, [PAGE_HEADER]: page, 'content-type': 'application/json', origin };
          const { status } = await send(method, path, headers, '{}');
          expect({ id, origin, status }).toEqual({ id, origin, status: 403 });
        }
      }
    }));

  it('S-12 signs nobody in, from another origin or by a form', () =>
    unchanged(async () => {
      const body = JSON.stringify({ name: 'admin', password: 'guess' });
      for (const path of ['/session', '/device', '/device/token'])
        for (const headers of [
          { origin: 'https://evil.example', 'content-type': 'application/json' },
          { origin: 'null', 'content-type': 'text/plain' },
        ])
          expect((await send('POST', path, headers, body)).status).toBe(403);
      const form = await send('POST', '/session', { 'content-type': 'text/plain' }, body);
      expect(form).toMatchObject({ status: 415, text: expect.stringContaining('application/json') });
    }));

  it('S-12 that was rebound to this address by its name reads nothing', async () => {
    for (const { id, method, path } of routes()) {
      const headers = { host: `evil.example:${host.split(':')[1]}`, cookie, [PAGE_HEADER]: page };
      const { status } = await send(method, path, headers);
      expect({ id, status }).toEqual({ id, status: 403 });
    }
    expect((await upgrade({ host: 'evil.example' })).status).toBe(403);
  });

  it('S-43 an application on this host that caught the cookie reads nothing and does nothing', async () => {
    const caught: string[] = [];
    const application = createServer((request, response) => {
      caught.push(request.headers.cookie ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
    // A browser sends cookies to every port of a host; the page's secret stays with its origin.
    await sendRaw(origin, { path: '/', headers: { cookie } });
    application.close();
    const [stolen = ''] = caught;
    expect(stolen).toBe(cookie);
    await unchanged(async () => {
      for (const { id, method, path, permission } of routes()) {
        if (permission === 'public') continue;
        for (const more of [[], [['origin', origin]]]) {
          const { status, text } = await send(method, path, { cookie: stolen, ...Object.fromEntries(more) });
          expect({ id, status }).toEqual({ id, status: method === 'GET' ? 401 : 403 });
          expect(text).not.toContain('admin');
        }
      }
    });
    for (const headers of [
      { cookie: stolen, origin },
      { cookie: stolen, origin: test.server.consoleUrl },
    ])
      for (const namespace of ['', '/streams'])
        await expect(
          openBrowserSocket(test.server.consoleUrl, undefined, { namespace, headers, auth: {} }),
        ).rejects.toThrow();
  });

  it('S-11 learns no address of ours: every answer asks for no referrer', async () => {
    for (const path of ['/api/v1/me', '/api/v1/nope', '/api/docs/', '/healthz', '/nope', '/metrics']) {
      const { headers } = await fetch(`${test.server.consoleUrl}${path}`, { headers: admin.headers });
      expect({ path, policy: headers.get('referrer-policy') }).toEqual({ path, policy: 'no-referrer' });
    }
  });

  it('S-10 gets no socket, and the answer is 403', async () => {
    for (const origin of [
      ...['https://evil.example', 'null', 'https://console.example.evil.com', `http://${host}.evil.com`],
      ...[`ftp://${host}`, 'http://127.0.0.1', ''],
    ])
      expect({ origin, ...(await upgrade({ cookie, origin })) }).toMatchObject({ origin, status: 403 });
    expect((await upgrade({ cookie })).status).toBe(403);
    expect((await upgrade({ cookie, origin: test.server.consoleUrl })).status).toBe(101);
  });

  it('S-10 gets none with a stolen token either, and asks for no stream', async () => {
    const made = await admin.call('POST', '/me/tokens', { name: 'stolen' });
    const { token } = made.json as { token: string };
    const authorization = `Bearer ${token}`;
    expect((await upgrade({ origin: 'https://evil.example', authorization })).status).toBe(403);
    expect((await upgrade({ cookie, authorization })).status).toBe(403);
    const { database } = test.db;
    expect(await database.prisma.stream.count()).toBe(0);
  });

  it('S-10 S-11 a token in the address of a socket is refused, right or not', async () => {
    for (const query of ['token=x', 'access_token=x', '%74oken=x', 'Authorization=x'])
      expect(await upgrade({}, `/socket.io/?EIO=4&transport=websocket&${query}`)).toMatchObject({
        status: 401,
      });
  });

  it('S-10 nothing but a websocket opens a socket', async () => {
    for (const path of ['/socket.io/?EIO=4&transport=polling', '/socket.io/?EIO=4&transport=websocket'])
      for (const method of ['GET', 'POST', 'OPTIONS'])
        expect([400, 404]).toContain((await sendRaw(test.server.consoleUrl, { method, path })).status);
  });
});
