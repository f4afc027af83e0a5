import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowserSocket } from '../../live/test-socket.ts';
import { type RawRequest, sendRaw } from '../../test-raw-http.ts';
import { rowCounts } from '../../test-rows.ts';
import { type Client, startTestServer, type TestServer } from '../../test-server.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE'];
const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];

/** The same place written as a lax router might still read it. */
const otherSpellings = (path: string): string[] => [
  `${path}/`,
  `/${path}`,
  path.replace('/v1/', '/v1//'),
  path.replace('/v1/', '/v1/%2e/'),
  path.replace('/v1/', '/v1/%2e%2e/v1/'),
  path.replace('/v1/', '/v1/x/../'),
  path.replace('/v1/', '/v1%2f'),
  path.replace('/v1/', '/V1/'),
  path.replace('/api/', '/API/'),
  `${path}%20`,
  `${path};a=b`,
  `${path}.json`,
  `${path}%00`,
];

describe('what the table of routes does not name', () => {
  let test: TestServer;
  let admin: Client;
  let narrow: Record<string, string>;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    const made = await admin.call('POST', '/me/tokens', { name: 'narrow', permissions: ['network.edit'] });
    narrow = { authorization: `Bearer ${(made.json as { token: string }).token}` };
  });
  afterAll(() => test.close());

  const routes = () => [...test.server.platform.http.mounted.values()].map(({ route }) => route);
  const pathOf = (path: string): string =>
    `/api/v1${path.replaceAll(/:(\w+)/g, '01990000-0000-7000-8000-000000000000')}`;
  const paths = () => [...new Set(routes().map(({ path }) => pathOf(path)))];
  const methodsOf = (path: string) =>
    routes().flatMap((route) => (pathOf(route.path) === path ? [route.method as string] : []));
  const send = (asked: RawRequest) => sendRaw(test.server.consoleUrl, asked);
  const audited = () => test.db.database.prisma.auditEntry.count();

  it('S-5 no other method reaches a path, not for an administrator either', async () => {
    const before = await rowCounts(test.db.database);
    const entries = await audited();
    for (const path of paths())
      for (const method of METHODS.filter((one) => !methodsOf(path).includes(one))) {
        const { status } = await send({ method, path, headers: admin.headers });
        // What another route takes for the value of its parameter is not found by that one.
        expect({ method, path, refused: [404, 405].includes(status) }).toEqual({
          method,
          path,
          refused: true,
        });
      }
    expect(await rowCounts(test.db.database)).toEqual(before);
    expect(await audited()).toBe(entries);
  }, 60_000);

  it('S-5 a header that asks for another method is not heard', async () => {
    const before = await rowCounts(test.db.database);
    for (const { method, path } of routes())
      for (const carrier of ['GET', 'POST'].filter((one) => !methodsOf(pathOf(path)).includes(one))) {
        const asked = { method: carrier, path: `${pathOf(path)}?_method=${method}` };
        const overrides = Object.fromEntries(OVERRIDES.map((name) => [name, method]));
        const plain = await send({ ...asked, headers: admin.headers });
        const { status } = await send({ ...asked, headers: { ...admin.headers, ...overrides } });
        expect({ method, path, status }).toEqual({ method, path, status: plain.status });
        expect([400, 404, 405]).toContain(status);
      }
    expect(await rowCounts(test.db.database)).toEqual(before);
  });

  it('S-5 no other spelling of a path reaches its route, not for an administrator either', async () => {
    const before = await rowCounts(test.db.database);
    const reached: string[] = [];
    for (const path of paths())
      for (const spelling of otherSpellings(path)) {
        const { status } = await send({ path: spelling, headers: admin.headers });
        // Behind a parameter it belongs to the value, which the route refuses; anywhere else nothing is there.
        if (![400, 404, 405, 429].includes(status)) reached.push(`${status} ${spelling}`);
      }
    expect(reached).toEqual([]);
    expect(await rowCounts(test.db.database)).toEqual(before);
  }, 60_000);

  it('S-5 a spelling that a decoder makes equal is the same route with the same permission', async () => {
    for (const { id, method, path, permission } of routes()) {
      if (permission === 'public') continue;
      const spelled = pathOf(path).replace(/\/v1\/(.)/, (_, first: string) => {
        return `/v1/%${first.charCodeAt(0).toString(16)}`;
      });
      const { status } = await send({ method, path: spelled });
      expect({ id, status }).toEqual({ id, status: 401 });
    }
  });

  it('S-5 what another system answers on such ports is answered by nobody here', async () => {
    const foreign = [
      ...['/containers/json', '/v1.41/containers/json', '/v1.41/containers/create', '/_ping', '/info'],
      ...['/images/json', '/exec/x/start', '/build', '/session', '/grpc', '/v2/', '/swarm', '/plugins'],
      ...[
        '/api/endpoints/1/docker/containers/json',
        '/api/v2/me',
        '/api/v1',
        '/api/',
        '/api',
        '/debug/pprof',
      ],
      ...['/actuator/env', '/.env', '/.git/config', '/server-status', '/socket.io.js', '/console'],
    ];
    for (const path of foreign)
      for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
        const { status } = await send({ method, path, headers: admin.headers });
        expect({ method, path, status }).toEqual({ method, path, status: 404 });
      }
  });

  it('S-5 neither a proxy request nor a tunnel is made for anybody', async () => {
    const { port } = new URL(test.server.consoleUrl);
    const answerTo = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.on('data', (chunk) => (answer += chunk));
        socket.on('close', () => resolve(answer));
        socket.on('error', reject);
      });
    expect(await answerTo('CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: 127.0.0.1:5432\r\n\r\n')).toBe('');
    const proxied = 'GET http://127.0.0.1:5432/api/v1/me HTTP/1.1\r\nHost: evil.example\r\nConnection: close';
    expect(await answerTo(`${proxied}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 (403|404) /);
  });

  it('S-5 a refusal for want of a permission is audited under the name of the route, and makes nothing', async () => {
    const { prisma } = test.db.database;
    const before = await rowCounts(test.db.database);
    const refused: string[] = [];
    for (const { id, method, path, permission } of routes()) {
      if (['public', 'signed-in', 'network.edit'].includes(permission)) continue;
      const { status } = await send({
        method,
        path: pathOf(path),
        headers: { ...narrow, 'content-type': 'application/json', 'if-match': '"1"' },
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
      if (status === 403) refused.push(id);
    }
    const rows = await prisma.auditEntry.findMany({ where: { outcome: 'refused', via: 'token' } });
    expect(new Set(rows.map(({ action }) => action))).toEqual(new Set(refused));
    expect(refused.length).toBeGreaterThan(50);
    expect(await rowCounts(test.db.database)).toEqual(before);
  });

  it('S-5 over the socket a route asks for the same permission, and only what can be watched is there', async () => {
    const before = await rowCounts(test.db.database);
    const { consoleUrl } = test.server;
    const token = narrow.authorization?.slice('Bearer '.length);
    const socket = await openBrowserSocket(consoleUrl, undefined, { headers: {}, auth: { token } });
    for (const { id, path, method, live, permission } of routes()) {
      if (['signed-in', 'network.edit'].includes(permission)) continue;
      const params = Object.fromEntries(
        [...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, '01990000-0000-7000-8000-000000000000']),
      );
      const answer = await socket.emitWithAck('watch', { watchId: id, route: id, params, query: {} });
      const watchable = method === 'GET' && live.length > 0;
      const codes = watchable ? ['permission.missing', 'request.invalid'] : ['method.unknown'];
      expect({ id, known: codes.includes(answer.code), ...answer }).toMatchObject({ ok: false, known: true });
    }
    expect(
      await test.db.database.prisma.auditEntry.count({
        where: { action: 'nodes.list', outcome: 'refused', via: 'live' },
      }),
    ).toBe(1);
    for (const event of ['hello', 'report', 'request', 'open', 'admin', '__proto__', 'constructor'])
      await expect(socket.timeout(50).emitWithAck(event, {})).rejects.toThrow('timed out');
    socket.close();
    const page = await openBrowserSocket(consoleUrl, undefined, {
      ...{ namespace: '/streams', headers: {}, auth: { token } },
    });
    for (const event of ['watch', 'hello', 'data', 'report', '__proto__'])
      await expect(page.timeout(50).emitWithAck(event, {})).rejects.toThrow('timed out');
    page.close();
    for (const namespace of ['/agent', '/bulk', '/admin', '/streams/', '/Streams'])
      await expect(
        openBrowserSocket(consoleUrl, undefined, { namespace, headers: {}, auth: { token } }),
      ).rejects.toThrow('Invalid namespace');
    expect(await rowCounts(test.db.database)).toEqual(before);
  });

  it('S-5 the port of the agents has four routes, by one method and one spelling each', () => {
    const routes = test.server.platform.agentApp.printRoutes({ commonPrefix: false });
    const lines = routes.split('\n').map((line) => line.replace(/^[^a-z]*/, ''));
    expect(lines.filter(Boolean)).toEqual([
      'ca.pem (GET)',
      'agent/:platform (GET)',
      'join (POST)',
      'renew (POST)',
    ]);
  });
});
