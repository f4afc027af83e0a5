import type { Route } from '@portreeve/contract';
import { BUILT_IN_ROLES, OWN_PERMISSIONS, type Permission, type Role } from '@portreeve/domain';
import type { Socket } from 'socket.io-client';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowserSocket } from '../live/test-socket.ts';
import { type Answer, type Client, startTestServer, type TestServer } from '../test-server.ts';
import { createObjects, type Objects } from './test-objects.ts';
import { signInWith } from './test-people.ts';

/** Bodies that are understood, where an empty one is refused before anything is looked for. */
const BODIES: Record<string, object> = {
  'services.scale': { replicas: 1 },
  'configs.change': { contentBase64: '' },
  'secrets.change': { contentBase64: '' },
  'nodes.take-over': {
    ...{ composeProject: 'x', stackName: 'x' },
    application: { files: { 'compose.yaml': 'services: {}' }, entry: 'compose.yaml' },
  },
  'volumes.remove': { name: 'data' },
  'service-accounts.edit': { displayName: 'x' },
  'service-accounts.create-token': { name: 'x' },
};
const QUERIES: Record<string, string> = {
  'services.diff': '?from=1&to=1',
  'nodes.take-over': '?project=/shop',
};
const ANYTHING = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g;

let test: TestServer;
let shop: Objects;
let bank: Objects;
const people = new Map<string, Client>();
const roles: Role[] = Object.values(BUILT_IN_ROLES);
const person = (role: Role): Client => people.get(role.name) as Client;

beforeAll(async () => {
  test = await startTestServer();
  await test.administrator();
  shop = await createObjects(test, '/shop');
  bank = await createObjects(test, '/bank');
  for (const role of roles)
    people.set(
      role.name,
      await signInWith(test, role.name.replaceAll(' ', '-'), [{ role, project: '/shop' }]),
    );
}, 60_000);
afterAll(() => test?.close());

const kindOf = ({ path }: Route): string => path.split('/')[1] ?? '';
/** Routes about one object that lies in a project. */
const routes = (): Route[] =>
  [...test.server.platform.http.mounted.values()]
    .map(({ route }) => route)
    .filter((route) => /^\/[a-z-]+\/:id/.test(route.path) && shop[kindOf(route)] !== undefined);
const pathOf = (route: Route, id: string): string =>
  route.path
    .replace(':id', id)
    .replaceAll(/:(number|attempt)/g, '1')
    .replaceAll(/:\w+/g, uuid());
const ask = (client: Client, route: Route, id: string): Promise<Answer> =>
  client.call(
    route.method,
    `${pathOf(route, id)}${QUERIES[route.id] ?? ''}`,
    route.method === 'GET' ? undefined : (BODIES[route.id] ?? {}),
    { 'if-match': '"999"' },
  );
const plain = ({ status, text }: Answer): string => `${status} ${text.replaceAll(ANYTHING, 'ID')}`;
const has = (role: Role, permission: Route['permission']): boolean =>
  role.permissions.includes(permission as Permission) || OWN_PERMISSIONS.has(permission as Permission);

describe('the walk over every object', () => {
  it('has one of each kind that lies in a project', () => {
    const ofProjects = new Set(routes().map(kindOf));
    expect([...ofProjects].toSorted()).toEqual(Object.keys(shop).toSorted());
  });

  describe.each(roles)('as $name in /shop', (role) => {
    it('finds in another project what it finds of an id that is nowhere: nothing', async () => {
      for (const route of routes()) {
        const there = await ask(person(role), route, bank[kindOf(route)] ?? '');
        const nowhere = await ask(person(role), route, uuid());
        expect(`${route.id}: ${plain(there)}`).toBe(`${route.id}: ${plain(nowhere)}`);
        expect({ route: route.id, passed: there.status < 400 }).toEqual({ route: route.id, passed: false });
      }
    });

    it('is refused in its project what the role lacks: by name, or as if it were not there', async () => {
      for (const route of routes().filter(({ permission }) => !has(role, permission))) {
        const answer = await ask(person(role), route, shop[kindOf(route)] ?? '');
        const { code } = answer.json as { code: string };
        if (code !== 'permission.missing')
          expect(`${route.id}: ${plain(answer)}`).toBe(
            `${route.id}: ${plain(await ask(person(role), route, uuid()))}`,
          );
        expect({ route: route.id, refused: [403, 404].includes(answer.status) }).toEqual({
          route: route.id,
          refused: true,
        });
      }
    });

    it('reads in its project what the role shows', async () => {
      const reads = routes().filter(({ method, permission }) => method === 'GET' && has(role, permission));
      for (const route of reads) {
        const { status, json, text } = await ask(person(role), route, shop[kindOf(route)] ?? '');
        const { detail = '' } = json as { detail?: string };
        // What a host would have to be asked for is away with it; what was never written is not there.
        const isSeen =
          status < 400 || ([404, 503].includes(status) && !detail.includes('you may not see it'));
        expect({ route: route.id, isSeen, ...(isSeen ? {} : { text }) }).toEqual({
          route: route.id,
          isSeen: true,
        });
      }
    });
  });
});

describe('every live topic', () => {
  const topics = (): Route[] => routes().filter(({ method, live }) => method === 'GET' && live.length > 0);
  const watch = async (socket: Socket, route: Route, id: string) => {
    const watchId = uuid();
    const { ok, code, message, hint } = await socket.emitWithAck('watch', {
      ...{ watchId, route: route.id, params: { id } },
    });
    socket.emit('unwatch', { watchId });
    return { route: route.id, ok, said: `${code} ${message} ${hint}`.replaceAll(ANYTHING, 'ID') };
  };
  it.each(roles)('as $name in /shop: what the role shows there, and nothing elsewhere', async (role) => {
    const socket = await openBrowserSocket(test.server.consoleUrl, person(role));
    for (const route of topics()) {
      const seen = await watch(socket, route, shop[kindOf(route)] ?? '');
      expect(seen, seen.said).toMatchObject({ route: route.id, ok: has(role, route.permission) });
      const there = await watch(socket, route, bank[kindOf(route)] ?? '');
      expect(there.ok).toBe(false);
      expect(there).toEqual(await watch(socket, route, uuid()));
    }
    socket.disconnect();
  });
});

describe('every stream event', () => {
  it.each(roles)(
    'as $name in /shop: refused without the permission, and elsewhere as nowhere',
    async (role) => {
      const socket = await openBrowserSocket(test.server.consoleUrl, person(role), { namespace: '/streams' });
      const open = async (request: object) => {
        const answer = (await socket.emitWithAck('open', request)) as { ok: boolean; code?: string };
        return JSON.stringify(answer).replaceAll(ANYTHING, 'ID');
      };
      const requests = ({
        tasks = '',
        services = '',
      }: Partial<Record<string, string>>): [Permission, object][] => [
        ['service.logs', { kind: 'logs', taskIds: [tasks] }],
        ['service.logs', { kind: 'logs', serviceId: services }],
        ['service.exec', { kind: 'terminal', taskId: tasks, columns: 80, rows: 24 }],
      ];
      const there = requests(bank);
      const nowhere = requests({ tasks: uuid(), services: uuid() });
      for (const [index, [permission, request]] of requests(shop).entries()) {
        const answer = JSON.parse(await open(request)) as { code?: string };
        const isRefused = answer.code === 'permission.missing' || answer.code === 'not-found';
        expect({ request, isRefused }).toEqual({ request, isRefused: !has(role, permission) });
        expect(await open(there[index]?.[1] ?? {})).toBe(await open(nowhere[index]?.[1] ?? {}));
      }
      socket.disconnect();
    },
  );
});
