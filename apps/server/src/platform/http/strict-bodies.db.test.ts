import type { Route } from '@portreeve/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sendRaw } from '../../test-raw-http.ts';
import { rowCounts } from '../../test-rows.ts';
import { type Client, startTestServer, type TestServer } from '../../test-server.ts';
import { allRoutes } from './openapi.ts';

/** What somebody adds who hopes that the body is spread over a row. */
const FOREIGN = {
  ...{ role: 'admin', isAdmin: true, administrator: true, ownerId: 'x', userId: 'x', id: 'x' },
  ...{ projectId: 'x', nodeId: 'x', signedBy: 'x', version: 9, createdBy: 'x', sealedTarget: 'x' },
};
/** Bodies whose keys are a person's own words. */
const FREE = ['session.preferences'];

type Schema = { [key: string]: unknown };
const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** Places where an object takes keys that the schema does not name; maps of names to values are no such place. */
const openPlaces = (schema: unknown, place: string): string[] => {
  if (Array.isArray(schema)) return schema.flatMap((one, at) => openPlaces(one, `${place}/${at}`));
  if (!isObject(schema)) return [];
  const open = isObject(schema.properties) && schema.additionalProperties !== false ? [place] : [];
  return [...open, ...Object.entries(schema).flatMap(([key, value]) => openPlaces(value, `${place}/${key}`))];
};

const changing = (): Route[] => allRoutes().filter(({ method }) => method !== 'GET');

describe('a body', () => {
  let test: TestServer;
  let admin: Client;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
  });
  afterAll(() => test.close());
  const pathOf = ({ path }: Route) => path.replaceAll(/:(\w+)/g, '01990000-0000-7000-8000-000000000000');
  const sendText = ({ method, path }: Route, body: string) =>
    sendRaw(test.server.consoleUrl, {
      method,
      path: `/api/v1${pathOf({ path } as Route)}`,
      headers: { ...admin.headers, 'content-type': 'application/json', 'if-match': '"1"' },
      body,
    });

  it('S-7 has no place in any route where an unknown key is taken, and neither has a query or a path', () => {
    for (const route of allRoutes())
      for (const part of ['body', 'query', 'params'] as const) {
        const schema = z.toJSONSchema(route[part], { io: 'input', unrepresentable: 'any' });
        expect({ route: route.id, open: openPlaces(schema, part) }).toEqual({ route: route.id, open: [] });
      }
  });

  it.each(['a\0b', 'a\ud800b'])(
    'with text that no database stores is refused with its place: %j',
    async (text) => {
      const answer = await admin.call('POST', '/configs?project=/', { name: text, contentBase64: '' });
      expect(answer.status, answer.text).toBe(400);
      const compose = `services: { web: { image: ${text} } }`;
      const application = { files: { 'compose.yaml': compose } };
      const applied = await admin.call('PUT', '/stacks/shop?project=/', { application });
      expect(applied.status).toBe(400);
      expect(applied.text).toContain('/body/application/files/compose.yaml');
    },
  );

  it('S-7 with keys of somebody else’s row is refused by every route, and nothing is stored', async () => {
    const before = await rowCounts(test.db.database);
    const entries = await test.db.database.prisma.auditEntry.count();
    for (const route of changing()) {
      if (FREE.includes(route.id)) continue;
      const answer = await admin.call(route.method, pathOf(route), FOREIGN, { 'if-match': '"1"' });
      expect({ id: route.id, ...answer }).toMatchObject({ status: 400, json: { code: 'request.invalid' } });
    }
    expect(await rowCounts(test.db.database)).toEqual(before);
    expect(await test.db.database.prisma.auditEntry.count()).toBe(entries);
  });

  it.each(['{"__proto__":{"administrator":true}}', '{"constructor":{"prototype":{"administrator":true}}}'])(
    'S-7 %s is refused by every route and changes no prototype',
    async (body) => {
      const before = await rowCounts(test.db.database);
      for (const route of changing()) {
        const { status } = await sendText(route, body);
        expect({ id: route.id, status }).toEqual({ id: route.id, status: 400 });
      }
      expect({}).not.toHaveProperty('administrator');
      expect(await rowCounts(test.db.database)).toEqual(before);
    },
  );

  it('S-7 that is right but for one such key leaves the row as it was', async () => {
    const made = await admin.call('POST', '/projects', { path: '/shop', displayName: 'Shop' });
    const { id } = made.json as { id: string };
    const { project } = test.db.database.prisma;
    const before = await project.findUniqueOrThrow({ where: { id } });
    for (const [key, value] of Object.entries({ ...FOREIGN, parentId: null, path: '/', removedAt: null })) {
      const answer = await admin.call(
        'PATCH',
        `/projects/${id}`,
        { displayName: 'Changed', [key]: value },
        { 'if-match': `"${before.version}"` },
      );
      expect({ key, ...answer }).toMatchObject({
        status: 400,
        json: { code: 'request.invalid', errors: [{ pointer: `/body/${key}` }] },
      });
    }
    expect(await project.findUniqueOrThrow({ where: { id } })).toEqual(before);
  });

  it('S-7 over the socket: a watch takes no keys of its own, nor unknown ones of the query', async () => {
    const { openBrowserSocket } = await import('../../live/test-socket.ts');
    const socket = await openBrowserSocket(test.server.consoleUrl, admin);
    const watch = { watchId: 'w', route: 'nodes.list', params: {}, query: {} };
    for (const more of [{ subject: 'x' }, { query: { administrator: 'true' } }, { params: { id: 'x' } }])
      expect(await socket.emitWithAck('watch', { ...watch, ...more })).toMatchObject({
        ok: false,
        code: 'request.invalid',
      });
    socket.close();
  });
});
