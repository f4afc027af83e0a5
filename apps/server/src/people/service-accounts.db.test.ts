import type { ServiceAccountView } from '@portreeve/contract';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectAt, signInWith } from '../access/test-people.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { done, problem } from './test-calls.ts';

const { viewOnly, restrictedControl, fullControl, projectAdministrator } = BUILT_IN_ROLES;

let test: TestServer;
let admin: Client;
let head: Client;
type Token = { token: string; view: { id: string } };

const make = (client: Client, name: string, project = '/shop') =>
  done<ServiceAccountView>(client.call('POST', `/service-accounts?project=${project}`, { name }));
const grant = (client: Client, id: string, role: { id: string }, project = '/shop') =>
  client.call('POST', '/grants', { subject: { kind: 'service-account', id }, role: role.id, project });
const tokenOf = (client: Client, id: string, more: object = {}) =>
  client.call('POST', `/service-accounts/${id}/tokens`, { name: 'ci', ...more });
const asks = async (token: string, path: string) =>
  (await test.anonymous.call('GET', path, undefined, { authorization: `Bearer ${token}` })).status;

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  for (const path of ['/shop/prod', '/bank']) await projectAt(test, path);
  head = await signInWith(test, 'head', [{ role: projectAdministrator, project: '/shop' }]);
});
afterAll(() => test.close());

describe('a service account', () => {
  it('does by its token what it was granted, and no more than the token is for', async () => {
    const account = await make(head, 'shop-ci');
    expect(account).toMatchObject({ projectPath: '/shop', tokens: 0, grants: 0, lastUsedAt: null });
    await done(grant(head, account.id, restrictedControl));
    const all = await done<Token>(tokenOf(head, account.id));
    const narrow = await done<Token>(
      tokenOf(head, account.id, { permissions: ['config.read'], projectPath: '/shop/prod' }),
    );
    expect(await asks(all.token, '/stacks?project=/shop')).toBe(200);
    expect(await asks(all.token, '/stacks?project=/bank')).toBe(404);
    expect(await asks(narrow.token, '/configs?project=/shop/prod')).toBe(200);
    expect(await asks(narrow.token, '/stacks?project=/shop/prod')).not.toBe(200);
    const seen = await done<ServiceAccountView>(head.call('GET', `/service-accounts/${account.id}`));
    expect(seen).toMatchObject({ tokens: 2, grants: 1, lastUsedAt: expect.any(String) });
    const { prisma } = test.server.platform.database;
    const [row] = await prisma.token.findMany({ where: { userId: account.id } });
    expect(JSON.stringify(row)).not.toContain(all.token);
  });
  it('has no password, and gets none', async () => {
    const account = await make(head, 'no-password');
    for (const password of ['', ' ', 'no-password'])
      await expect(test.signIn('no-password', password)).rejects.toThrow();
    expect(await problem(admin.call('POST', `/users/${account.id}/reset-password`))).toMatchObject({
      code: 'not-found',
    });
  });
  it('loses its tokens one by one, or all when it is disabled', async () => {
    const account = await make(head, 'ending');
    await done(grant(head, account.id, viewOnly));
    const [one, other] = [
      await done<Token>(tokenOf(head, account.id)),
      await done<Token>(tokenOf(head, account.id)),
    ];
    await done(head.call('DELETE', `/service-accounts/${account.id}/tokens/${one.view.id}`));
    expect(await asks(one.token, '/stacks')).toBe(401);
    expect(await asks(other.token, '/stacks')).toBe(200);
    await done(head.call('POST', `/service-accounts/${account.id}/disable`, { why: 'leaked' }));
    expect(await asks(other.token, '/stacks')).toBe(401);
    await done(head.call('POST', `/service-accounts/${account.id}/enable`));
    expect(await asks(other.token, '/stacks')).toBe(401);
  });
  it('is granted things in its own project and below alone', async () => {
    const account = await make(head, 'homely');
    expect(await problem(grant(admin, account.id, viewOnly, '/bank'))).toMatchObject({
      code: 'conflict.state',
      detail:
        'The service account homely belongs to /shop: it can be granted something there and below, not in /bank.',
    });
    await done(grant(admin, account.id, viewOnly, '/shop/prod'));
  });
  it('gives no token to somebody who may do less than it', async () => {
    const account = await make(admin, 'strong-ci');
    await done(grant(admin, account.id, fullControl));
    const role = await done<{ id: string }>(
      admin.call('POST', '/roles', {
        name: 'ci keeper',
        permissions: ['stack.read', 'service-account.edit'],
      }),
    );
    const keeper = await signInWith(test, 'keeper', [{ role, project: '/shop' }]);
    expect(await problem(tokenOf(keeper, account.id))).toMatchObject({
      code: 'permission.missing',
      detail: expect.stringContaining('which you do not hold in /shop yourself'),
    });
    await done(tokenOf(keeper, account.id, { permissions: ['stack.read'] }));
  });
  it('of another project is not there', async () => {
    const account = await make(admin, 'bank-ci', '/bank');
    expect((await head.call('GET', `/service-accounts/${account.id}`)).status).toBe(404);
    expect((await tokenOf(head, account.id)).status).toBe(404);
    expect((await head.call('GET', '/service-accounts?project=/bank')).status).toBe(404);
  });
  it('goes with its project', async () => {
    const project = await done<{ id: string }>(admin.call('POST', '/projects', { path: '/shop/gone' }));
    const account = await make(admin, 'gone-ci', '/shop/gone');
    await done(grant(admin, account.id, viewOnly, '/shop/gone'));
    const { token } = await done<Token>(tokenOf(admin, account.id));
    await done(admin.call('DELETE', `/projects/${project.id}`));
    expect(await asks(token, '/stacks')).toBe(401);
    await done(admin.call('POST', '/projects', { path: '/shop/gone' }));
    expect((await admin.call('GET', `/service-accounts/${account.id}`)).status).toBe(404);
  });
});
