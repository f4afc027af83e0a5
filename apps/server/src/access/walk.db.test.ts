import type { Route } from '@portreeve/contract';
import { BUILT_IN_ROLES, OWN_PERMISSIONS, type Role } from '@portreeve/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { projectAt, signInWith } from './test-people.ts';

/** What anybody may ask who is signed in, whatever was granted: their own account, or what they may see of everything. */
const SIGNED_IN = new Set<string>([
  'session.sign-out',
  'session.me',
  'session.preferences',
  'session.password',
  'session.list',
  'session.end',
  'session.end-others',
  'device.show',
  'second-factor.begin',
  'second-factor.confirm',
  'second-factor.end',
  'stacks.schema',
  'search',
  'me.grants',
  'me.permissions',
  'me.missing',
]);
/** Accounts, teams and roles lie in no project: who may read them in one reads which there are. */
const OF_ANYWHERE = new Set<string>(['users.list', 'teams.list', 'roles.list']);
const NOWHERE = '01990000-0000-7000-8000-000000000000';

let test: TestServer;
const people = new Map<string, Client>();
const routes = (): Route[] => [...test.server.platform.http.mounted.values()].map(({ route }) => route);
const isOpen = ({ permission }: Route): boolean => permission === 'public' || permission === 'signed-in';
const isResolved = ({ id }: Route): boolean =>
  test.server.platform.http.mounted.get(id)?.options.project === 'resolved';
const plain = (text: string): string =>
  text.replace(/"instance":"[^"]*"/, '').replaceAll('/bank', '/nowhere');
const takesProject = (route: Route): boolean =>
  (route.query as { shape?: Record<string, unknown> }).shape?.project !== undefined;

const ask = (client: Client, route: Route, project?: string) => {
  const path = route.path.replaceAll(/:(\w+)/g, (_, name) => (name === 'id' ? NOWHERE : 'one'));
  const query = project === undefined ? '' : `?project=${encodeURIComponent(project)}`;
  return client.call(route.method, `${path}${query}`, route.method === 'GET' ? undefined : {}, {
    'if-match': '"1"',
  });
};
const roles: Role[] = Object.values(BUILT_IN_ROLES);
const mayAtShop = (role: Role, { permission }: Route): boolean =>
  role.permissions.includes(permission as never) || OWN_PERMISSIONS.has(permission as never);

beforeAll(async () => {
  test = await startTestServer();
  for (const path of ['/shop', '/bank']) await projectAt(test, path);
  for (const role of roles)
    people.set(
      role.name,
      await signInWith(test, role.name.replaceAll(' ', '-'), [{ role, project: '/shop' }]),
    );
});
afterAll(() => test.close());
const person = (role: Role): Client => people.get(role.name) as Client;

describe('the walk over every route', () => {
  it('finds a permission at each, and knows each that asks for none', () => {
    const open = routes().filter(({ permission }) => permission === 'signed-in');
    expect(open.filter(({ id }) => !SIGNED_IN.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it('gets nothing without a session', async () => {
    for (const route of routes().filter(({ permission }) => permission !== 'public')) {
      const { status } = await ask(test.anonymous, route, takesProject(route) ? '/shop' : undefined);
      expect({ route: route.id, status }).toEqual({ route: route.id, status: 401 });
    }
  });

  describe.each(roles)('as $name in /shop', (role) => {
    const refusals = [403, 404];
    it('passes exactly the doors that the role opens, in its project', async () => {
      for (const route of routes().filter((one) => !isOpen(one) && takesProject(one) && !isResolved(one))) {
        const { status, json } = await ask(person(role), route, '/shop');
        const { code } = json as { code?: string };
        // Past the door there is nothing here to find, and nothing right was sent.
        const passed = code !== 'permission.missing' && !(status === 404 && !mayAtShop(role, route));
        expect({ route: route.id, status, passed }).toEqual({
          route: route.id,
          status,
          passed: mayAtShop(role, route),
        });
      }
    });
    it('learns nothing of another project', async () => {
      for (const route of routes().filter((one) => !isOpen(one) && takesProject(one))) {
        const there = await ask(person(role), route, '/bank');
        const nowhere = await ask(person(role), route, '/nowhere');
        expect({ route: route.id, status: there.status }).toEqual({
          route: route.id,
          status: nowhere.status,
        });
        expect(plain(there.text)).toBe(plain(nowhere.text));
        expect(there.status).toBeGreaterThanOrEqual(400);
      }
    });
    it('reaches nothing of the cluster', async () => {
      const ofCluster = routes().filter(
        (one) =>
          !isOpen(one) &&
          !takesProject(one) &&
          !one.path.includes(':') &&
          !(OF_ANYWHERE.has(one.id) && role.permissions.includes(one.permission as never)) &&
          !OWN_PERMISSIONS.has(one.permission as never),
      );
      for (const route of ofCluster) {
        const { status } = await ask(person(role), route);
        // Some find their project in the body, and refuse an empty one first.
        expect({ route: route.id, refused: [...refusals, 400].includes(status) }).toEqual({
          route: route.id,
          refused: true,
        });
      }
    });
    it('finds no object that is not there', async () => {
      for (const route of routes().filter(
        (one) => !isOpen(one) && one.path.includes(':') && !takesProject(one),
      )) {
        const { status } = await ask(person(role), route);
        expect({ route: route.id, refused: [400, ...refusals].includes(status) }).toEqual({
          route: route.id,
          refused: true,
        });
      }
    });
  });
});
