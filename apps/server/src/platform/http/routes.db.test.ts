import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../../test-server.ts';
import { allRoutes } from './openapi.ts';

/** Routes without a permission of their own, each with its own proof. A new one needs a line here and a reason. */
const PUBLIC = ['session.sign-in', 'device.start', 'device.poll', 'services.webhook-call'];
const SIGNED_IN = [
  ...['session.sign-out', 'session.me', 'session.preferences', 'session.password', 'session.list'],
  ...['session.end', 'session.end-others', 'device.show', 'search', 'stacks.schema'],
];
const EXCEPTIONS = ['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /api/openapi.json'];

describe('every route', () => {
  let test: TestServer;
  let admin: Client;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
  });
  afterAll(() => test.close());
  const fill = (path: string) => path.replaceAll(/:(\w+)/g, '01990000-0000-7000-8000-000000000000');

  it('names a permission, or is one of the few that are known not to', () => {
    for (const route of allRoutes()) {
      if (route.permission === 'public') expect(PUBLIC).toContain(route.id);
      if (route.permission === 'signed-in') expect(SIGNED_IN).toContain(route.id);
    }
    for (const { method, url, mounted, exception } of test.server.platform.http.registered)
      if (!mounted && exception !== 'documentation') expect(EXCEPTIONS).toContain(`${method} ${url}`);
  });

  it('of the contract is answered by this server', () => {
    const mounted = [...test.server.platform.http.mounted.keys()].sort();
    expect(mounted).toEqual(
      allRoutes()
        .map((route) => route.id)
        .sort(),
    );
  });

  it('answers 401 to who is not signed in, before it looks at anything else', async () => {
    for (const { route } of test.server.platform.http.mounted.values()) {
      if (route.permission === 'public') continue;
      const { status } = await test.anonymous.call(route.method, `${fill(route.path)}?nonsense=1`);
      expect({ route: route.id, status }).toEqual({ route: route.id, status: 401 });
    }
  });

  it('answers 403 to a token that was narrowed to something else', async () => {
    const made = await admin.call('POST', '/me/tokens', { name: 'narrow', permissions: ['network.edit'] });
    const { token } = made.json as { token: string };
    for (const { route } of test.server.platform.http.mounted.values()) {
      if (['public', 'signed-in', 'network.edit'].includes(route.permission)) continue;
      const answer = await test.anonymous.call(
        route.method,
        fill(route.path),
        route.method === 'GET' ? undefined : {},
        {
          authorization: `Bearer ${token}`,
          'if-match': '"1"',
        },
      );
      // A query that is wrong is told before the project can be known; nothing else may come first.
      expect({ route: route.id, status: answer.status === 400 ? 403 : answer.status }).toEqual({
        route: route.id,
        status: 403,
      });
    }
  });

  it('refuses keys that it does not know, and changes nothing', async () => {
    for (const key of [
      'role',
      'isAdmin',
      'administrator',
      'ownerId',
      'projectId',
      'nodeId',
      'signedBy',
      'constructor',
    ]) {
      const answer = await admin.call('POST', '/me/tokens', { name: 'x', [key]: true });
      expect(answer.status).toBe(400);
      expect(answer.json).toMatchObject({ code: 'request.invalid', errors: [{ pointer: `/body/${key}` }] });
    }
    const { headers } = admin;
    for (const body of [
      '{"name":"x","__proto__":{"a":1}}',
      '{"name":"x","constructor":{"prototype":{"a":1}}}',
    ]) {
      const answer = await fetch(`${test.server.consoleUrl}/api/v1/me/tokens`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(400);
    }
    expect(await test.db.database.prisma.token.count({ where: { name: 'x' } })).toBe(0);
  });

  it('exists only as it is written: no other method, case, slash or encoding reaches it', async () => {
    const url = test.server.consoleUrl;
    const tries: [string, string][] = [
      ...['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'].map((method): [string, string] => [
        method,
        '/api/v1/me',
      ]),
      ...[
        '/api/v1/me/',
        '/api/v1//me',
        '/API/v1/me',
        '/api/v1/ME',
        '/api/v1/%2e%2e/v1/me/',
        '/api//v1/me',
        '/api/v1/me%2f',
      ].map((path): [string, string] => ['GET', path]),
    ];
    for (const [method, path] of tries) {
      const { status } = await fetch(url + path, { method, headers: admin.headers });
      expect({ method, path, status }).toEqual({ method, path, status: 404 });
    }
    const overridden = await fetch(`${url}/api/v1/me/sessions`, {
      method: 'GET',
      headers: { ...admin.headers, 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
    });
    expect(overridden.status).toBe(200);
    expect((await admin.call('GET', '/me')).status).toBe(200);
  });

  it('is described by the OpenAPI document', async () => {
    const document = (await (await fetch(`${test.server.consoleUrl}/api/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const described = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((operation) => operation.operationId),
    );
    expect(described.sort()).toEqual(
      allRoutes()
        .map((route) => route.id)
        .sort(),
    );
    expect((await fetch(`${test.server.consoleUrl}/api/docs/`)).status).toBe(200);
  });
});
