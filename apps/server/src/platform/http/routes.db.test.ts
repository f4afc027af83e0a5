import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../../test-server.ts';
import { allRoutes } from './openapi.ts';

/** Routes without a permission of their own, each with its own proof. A new one needs a line here and a reason. */
const PUBLIC = [
  ...['session.sign-in', 'directories.choices', 'device.start', 'device.poll', 'services.webhook-call'],
];
const SIGNED_IN = [
  ...['session.sign-out', 'session.me', 'session.preferences', 'session.password', 'session.list'],
  ...['session.end', 'session.end-others', 'device.show', 'search', 'stacks.schema'],
  ...['me.grants', 'me.permissions', 'me.missing'],
  ...['second-factor.begin', 'second-factor.confirm', 'second-factor.end'],
];
const EXCEPTIONS = [
  ...[
    'GET /healthz',
    'HEAD /healthz',
    'GET /readyz',
    'HEAD /readyz',
    'GET /metrics',
    'GET /api/openapi.json',
  ],
  ...['GET /metrics/nodes', 'GET /metrics/nodes/:id'],
];

describe('every route', () => {
  let test: TestServer;
  let admin: Client;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
  });
  afterAll(() => test.close());
  const fill = (path: string) => path.replaceAll(/:(\w+)/g, '01990000-0000-7000-8000-000000000000');

  it('S-5 names a permission, or is one of the few that are known not to', () => {
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

  it('S-5 answers 401 to who is not signed in, before it looks at anything else', async () => {
    for (const { route } of test.server.platform.http.mounted.values()) {
      if (route.permission === 'public') continue;
      const { status } = await test.anonymous.call(route.method, `${fill(route.path)}?nonsense=1`);
      expect({ route: route.id, status }).toEqual({ route: route.id, status: 401 });
    }
  });

  it('S-5 answers 403 to a token that was narrowed to something else', async () => {
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

  it('names a way out where it finds nothing', async () => {
    const silent: string[] = [];
    for (const { route } of test.server.platform.http.mounted.values()) {
      if (route.permission === 'public' || !route.path.includes(':')) continue;
      const body = route.method === 'GET' ? undefined : {};
      const answer = await admin.call(route.method, fill(route.path), body, { 'if-match': '"1"' });
      if (answer.status === 404 && !(answer.json as { hint?: string }).hint) silent.push(route.id);
    }
    expect(silent).toEqual([]);
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
