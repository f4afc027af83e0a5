import type { RoleView, TeamView, UserPage, UserView } from '@portreeve/contract';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPerson, PASSWORD, projectAt, signInWith } from '../access/test-people.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { done, ifMatch, problem } from './test-calls.ts';

const { viewOnly, fullControl, projectAdministrator, clusterAdministrator } = BUILT_IN_ROLES;

let test: TestServer;
let admin: Client;

const auditOf = (action: string) =>
  test.server.platform.database.prisma.auditEntry.findMany({ where: { action }, orderBy: { at: 'desc' } });

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  for (const path of ['/shop/prod', '/bank']) await projectAt(test, path);
});
afterAll(() => test.close());

describe('accounts', () => {
  type Made = { oneTimePassword: string; view: UserView };
  const make = (name: string) =>
    done<Made>(admin.call('POST', '/users', { name, email: `${name}@shop.example` }));

  it('are made with a password that works once and is shown once', async () => {
    const { oneTimePassword, view } = await make('ada');
    expect(view).toMatchObject({
      name: 'ada',
      displayName: 'ada',
      mustChangePassword: true,
      directory: null,
    });
    const ada = await test.signIn('ada', oneTimePassword);
    expect((await ada.call('GET', '/stacks')).status).toBe(401);
    await done(ada.call('PUT', '/me/password', { current: oneTimePassword, next: PASSWORD }));
    expect((await ada.call('GET', '/me')).status).toBe(200);
    const [entry] = await auditOf('user.create');
    expect(JSON.stringify(entry)).not.toContain(oneTimePassword);
    expect(await problem(admin.call('POST', '/users', { name: 'ada' }))).toMatchObject({
      code: 'conflict.name',
    });
  });
  it.each(['Ada', 'a b', '', 'аda', '-a', 'a\u0000'])('are not called %j', async (name) => {
    expect((await admin.call('POST', '/users', { name })).status).toBe(400);
  });
  it('are listed, searched and filtered by the server', async () => {
    await make('grace');
    const names = async (query: string) =>
      (await done<{ items: UserView[] }>(admin.call('GET', `/users?${query}`))).items.map(({ name }) => name);
    expect(await names('search=grace@shop')).toEqual(['grace']);
    expect(await names('from=local&limit=500')).toContain('admin');
    expect(await names('state=disabled')).toEqual([]);
    expect(await names(`team=${uuid()}`)).toEqual([]);
  });
  it('are changed from the version that was seen', async () => {
    const { view } = await make('edna');
    const path = `/users/${view.id}`;
    expect(await done(admin.call('PATCH', path, { displayName: 'Edna' }, ifMatch(1)))).toMatchObject({
      ...{ displayName: 'Edna', version: 2 },
    });
    expect(await problem(admin.call('PATCH', path, { displayName: 'E' }, ifMatch(1)))).toMatchObject({
      code: 'conflict.version',
    });
    const [entry] = await auditOf('user.edit');
    expect(entry?.detail).toMatchObject({ change: { displayName: { from: 'edna', to: 'Edna' } } });
  });
  it('lose sessions and tokens when they are disabled, and sign in again when they are not', async () => {
    const bob = await signInWith(test, 'bob', [{ role: viewOnly, project: '/shop' }]);
    const { token } = await done<{ token: string }>(bob.call('POST', '/me/tokens', { name: 'ci' }));
    const byToken = { authorization: `Bearer ${token}` };
    expect((await test.anonymous.call('GET', '/stacks', undefined, byToken)).status).toBe(200);
    await done(admin.call('POST', `/users/${bob.userId}/disable`, { why: 'left' }));
    expect((await bob.call('GET', '/me')).status).toBe(401);
    expect((await test.anonymous.call('GET', '/stacks', undefined, byToken)).status).toBe(401);
    await expect(test.signIn('bob', PASSWORD)).rejects.toThrow();
    await done(admin.call('POST', `/users/${bob.userId}/enable`));
    expect((await test.anonymous.call('GET', '/stacks', undefined, byToken)).status).toBe(401);
    await test.signIn('bob', PASSWORD);
  });
  it('of the recovery administrator are not disabled by themselves, by lesser ones, or as the last', async () => {
    const { id } = await done<{ id: string }>(admin.call('GET', '/me'));
    expect(await problem(admin.call('POST', `/users/${id}/disable`, {}))).toMatchObject({
      code: 'conflict.state',
    });
    const root = await signInWith(test, 'root', [{ role: clusterAdministrator, project: '/' }]);
    expect(await problem(root.call('POST', `/users/${id}/disable`, {}))).toMatchObject({
      code: 'permission.missing',
    });
    expect(await problem(root.call('POST', `/users/${id}/reset-password`))).toMatchObject({
      code: 'permission.missing',
    });
    const { prisma } = test.server.platform.database;
    const second = await createPerson(test, 'recovery-2', []);
    await prisma.user.update({ where: { id: second.id }, data: { administrator: true } });
    const other = await test.signIn('recovery-2', PASSWORD);
    await done(other.call('POST', `/users/${id}/disable`, {}));
    expect((await admin.call('GET', '/me')).status).toBe(401);
    await done(other.call('POST', `/users/${id}/enable`));
    admin = await test.signIn();
    await done(admin.call('POST', `/users/${second.id}/disable`, {}));
  });
  it('of somebody who may do more get no password from somebody who may do less', async () => {
    const role = await done<RoleView>(
      admin.call('POST', '/roles', { name: 'help desk', permissions: ['user.read', 'user.edit'] }),
    );
    const desk = await signInWith(test, 'desk', [{ role, project: '/' }]);
    const strong = await createPerson(test, 'strong', [{ role: fullControl, project: '/bank' }]);
    const weak = await createPerson(test, 'weak', []);
    expect(await problem(desk.call('POST', `/users/${strong.id}/reset-password`))).toMatchObject({
      code: 'permission.missing',
      detail: expect.stringContaining('which you do not hold in /bank yourself'),
    });
    const { oneTimePassword } = await done<{ oneTimePassword: string }>(
      desk.call('POST', `/users/${weak.id}/reset-password`),
    );
    await test.signIn('weak', oneTimePassword);
  });
  it('show the source of each membership, and grants only where the asker may see them', async () => {
    const team = await done<TeamView>(admin.call('POST', '/teams', { name: 'ops' }));
    const { id } = await createPerson(test, 'olga', [
      { role: viewOnly, project: '/shop' },
      { role: viewOnly, project: '/bank' },
    ]);
    await done(admin.call('PUT', `/teams/${team.id}/members/${id}`));
    const seen = await done<UserPage>(admin.call('GET', `/users/${id}`));
    expect(seen.memberships).toMatchObject([{ team: { name: 'ops' }, sources: [{ kind: 'hand' }] }]);
    expect(seen.held.map(({ projectPath }) => projectPath)).toEqual(['/bank', '/shop']);
    const head = await signInWith(test, 'head-of-shop', [{ role: projectAdministrator, project: '/shop' }]);
    const partly = await done<UserPage>(head.call('GET', `/users/${id}`));
    expect(partly.held.map(({ projectPath }) => projectPath)).toEqual(['/shop']);
    const viewer = await signInWith(test, 'mere-viewer', [{ role: viewOnly, project: '/shop' }]);
    expect((await viewer.call('GET', `/users/${id}`)).status).toBe(
      (await viewer.call('GET', `/users/${uuid()}`)).status,
    );
  });
});
