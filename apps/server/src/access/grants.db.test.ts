import type { GrantSubject, GrantView, UnusedGrant } from '@portreeve/contract';
import { BUILT_IN_ROLES, type Role } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowserSocket } from '../live/test-socket.ts';
import { done, problem } from '../people/test-calls.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { createPerson, projectAt, signInWith } from './test-people.ts';
import { useKeeping } from './uses.loop.ts';

const { viewOnly, restrictedControl, fullControl, projectAdministrator, clusterAdministrator } =
  BUILT_IN_ROLES;

let test: TestServer;
let admin: Client;
let head: Client;
let someone: string;

const grant = (
  client: Client,
  role: Pick<Role, 'id'>,
  project: string,
  more: { id?: string; kind?: GrantSubject['kind']; endsAt?: string; reason?: string } = {},
) => {
  const { id = someone, kind = 'user', ...rest } = more;
  return client.call('POST', '/grants', { subject: { kind, id }, role: role.id, project, ...rest });
};
const listed = async (client: Client, query: string): Promise<GrantView[]> =>
  (await done<{ items: GrantView[] }>(client.call('GET', `/grants?${query}`))).items;
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  for (const path of ['/shop/prod', '/bank']) await projectAt(test, path);
  head = await signInWith(test, 'head', [{ role: projectAdministrator, project: '/shop' }]);
  someone = (await createPerson(test, 'someone')).id;
});
afterAll(() => test.close());

describe('grants', () => {
  it('of a project administrator stay in the project', async () => {
    const made = await done<GrantView>(grant(head, restrictedControl, '/shop/prod', { reason: 'new here' }));
    expect(made).toMatchObject({
      ...{ subject: { name: 'someone', kind: 'user' }, role: { name: 'restricted control', builtIn: true } },
      ...{ projectPath: '/shop/prod', reason: 'new here', createdBy: 'head', lastUsedOn: null, mayEnd: true },
    });
    expect(await problem(grant(head, restrictedControl, '/'))).toMatchObject({ code: 'not-found' });
    const [there, nowhere] = [
      await problem(grant(head, restrictedControl, '/bank')),
      await problem(grant(head, restrictedControl, '/nowhere')),
    ];
    expect(there).toMatchObject({ code: 'not-found' });
    expect(there.detail).toBe(nowhere.detail);
    await done(head.call('DELETE', `/grants/${made.id}`));
  });
  it('hand on nothing that whoever grants does not hold there', async () => {
    const { code, detail } = await problem(grant(head, clusterAdministrator, '/shop'));
    expect(code).toBe('permission.missing');
    expect(detail).toMatch(
      /^The role cluster administrator has \S+ and \d+ more, which you do not hold in \/shop/,
    );
    await done(grant(head, fullControl, '/shop'));
    const { roles } = await done<{ roles: { name: string; refusal: string }[] }>(
      head.call('GET', '/access/roles?project=/shop'),
    );
    expect(roles.filter(({ refusal }) => refusal).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cluster administrator', 'auditor']),
    );
    expect(roles.find(({ name }) => name === 'full control')?.refusal).toBe('');
  });
  it('that make somebody a cluster administrator come from one alone', async () => {
    const copy = await done<Role>(
      admin.call('POST', '/roles', { name: 'nearly all', copyOf: clusterAdministrator.id }),
    );
    const nearly = await signInWith(test, 'nearly', [{ role: copy, project: '/' }]);
    expect(await problem(grant(nearly, clusterAdministrator, '/'))).toMatchObject({
      code: 'permission.missing',
      detail: expect.stringContaining('only who is a cluster administrator there'),
    });
    await done(grant(nearly, copy, '/bank'));
  });
  it('last no longer than the right to grant them', async () => {
    const brief = await signInWith(test, 'brief', [
      { role: projectAdministrator, project: '/shop', endsAt: inMinutes(60) },
    ]);
    expect(await problem(grant(brief, viewOnly, '/shop'))).toMatchObject({
      detail: 'The role view only would last longer than your own rights in /shop do.',
    });
    await done(grant(brief, viewOnly, '/shop', { endsAt: inMinutes(30).toISOString() }));
    expect(
      await problem(grant(admin, viewOnly, '/shop', { endsAt: inMinutes(-1).toISOString() })),
    ).toMatchObject({
      code: 'request.invalid',
    });
  });
  it('by a token are bound by what the token is for', async () => {
    const { token } = await done<{ token: string }>(
      head.call('POST', '/me/tokens', { name: 'narrow', permissions: ['grant.edit', 'stack.read'] }),
    );
    const narrow: Client = {
      headers: {},
      call: (method, path, body) =>
        test.anonymous.call(method, path, body, { authorization: `Bearer ${token}` }),
    };
    expect(await problem(grant(narrow, restrictedControl, '/shop'))).toMatchObject({
      code: 'permission.missing',
    });
  });
  it('are not given twice, nor to whom there is not', async () => {
    const { id } = await createPerson(test, 'once');
    await done(grant(admin, viewOnly, '/bank', { id }));
    expect(await problem(grant(admin, viewOnly, '/bank', { id }))).toMatchObject({ code: 'conflict.state' });
    expect(await problem(grant(admin, viewOnly, '/bank', { id: uuid() }))).toMatchObject({
      code: 'not-found',
    });
    expect(await problem(grant(admin, viewOnly, '/bank', { id, kind: 'team' }))).toMatchObject({
      code: 'not-found',
    });
    expect(await problem(grant(admin, { id: uuid() }, '/bank', { id }))).toMatchObject({ code: 'not-found' });
  });
  it('are listed where one may see them: in a project, and what it inherits', async () => {
    const { id } = await createPerson(test, 'inheritor', [
      { role: viewOnly, project: '/' },
      { role: viewOnly, project: '/shop/prod' },
      { role: viewOnly, project: '/bank' },
    ]);
    const paths = async (client: Client, query: string) =>
      (await listed(client, `user=${id}&${query}`)).map(({ projectPath, inherited }) => [
        projectPath,
        inherited,
      ]);
    expect(await paths(admin, 'project=/shop')).toEqual([['/shop/prod', false]]);
    expect(await paths(admin, 'project=/shop/prod&reach=effective')).toEqual([
      ['/', true],
      ['/shop/prod', false],
    ]);
    expect(await paths(head, '')).toEqual([['/shop/prod', false]]);
    const bank = (await listed(admin, `user=${id}&project=/bank`))[0]?.id;
    const [there, nowhere] = [
      await head.call('GET', `/grants/${bank}`),
      await head.call('GET', `/grants/${uuid()}`),
    ];
    expect(there.status).toBe(404);
    expect(there.text.replace(/"instance.*?,/, '')).toBe(nowhere.text.replace(/"instance.*?,/, ''));
  });
  it('end what is open through them within two seconds of their time, and are audited as over', async () => {
    const endsAt = new Date(Date.now() + 1_500);
    const ada = await signInWith(test, 'hour', [{ role: viewOnly, project: '/shop', endsAt }]);
    const socket = await openBrowserSocket(test.server.consoleUrl, ada);
    const ended = new Promise((resolve) => socket.on('end', resolve));
    await socket.emitWithAck('watch', { watchId: 'one', route: 'stacks.list' });
    expect(await ended).toMatchObject({ code: 'permission.missing' });
    socket.disconnect();
    await expect
      .poll(() =>
        test.server.platform.database.prisma.auditEntry.findFirst({
          where: { action: 'grant.over', objectId: ada.grantIds[0] ?? '' },
        }),
      )
      .toMatchObject({ actorKind: 'system', projectPath: '/shop', objectName: 'view only for hour' });
  });
});

describe('what was used through a grant', () => {
  const uses = () => test.server.platform.database.prisma.grantUse;
  const keep = () => useKeeping(test.server.platform.database).run(new Date());
  it('is known by the day, once for each permission', async () => {
    const ada = await signInWith(test, 'user', [{ role: restrictedControl, project: '/shop' }]);
    const grantId = ada.grantIds[0] ?? '';
    for (let i = 0; i < 3; i += 1) await done(ada.call('GET', '/stacks?project=/shop'));
    await problem(ada.call('DELETE', `/stacks/${uuid()}`));
    await keep();
    const rows = await uses().findMany({ where: { grantId } });
    expect(rows.map(({ permission }) => permission)).toEqual(['stack.read']);
    const { lastUsedOn } = await done<GrantView>(admin.call('GET', `/grants/${grantId}`));
    expect(lastUsedOn).toBe(new Date().toISOString().slice(0, 10));
  });
  it('is reported where it was not, once the grant is old enough to tell', async () => {
    const { prisma } = test.server.platform.database;
    const ada = await signInWith(test, 'idler', [{ role: viewOnly, project: '/bank' }]);
    const grantId = ada.grantIds[0] ?? '';
    const reported = async (): Promise<UnusedGrant | undefined> =>
      (
        await done<{ items: UnusedGrant[] }>(admin.call('GET', '/access/unused?project=/bank&limit=500'))
      ).items.find(({ id }) => id === grantId);
    expect(await reported()).toBeUndefined();
    await prisma.grant.update({ where: { id: grantId }, data: { createdAt: inMinutes(-100 * 1_440) } });
    expect((await reported())?.unused.toSorted()).toEqual([...viewOnly.permissions].toSorted());
    await done(ada.call('GET', '/stacks?project=/bank'));
    await keep();
    expect((await reported())?.unused).not.toContain('stack.read');
    await prisma.grantUse.updateMany({ where: { grantId }, data: { usedOn: inMinutes(-91 * 1_440) } });
    expect((await reported())?.unused).toContain('stack.read');
    const { items } = await done<{ items: UnusedGrant[] }>(head.call('GET', '/access/unused?limit=500'));
    expect(items.filter(({ projectPath }) => !projectPath.startsWith('/shop'))).toEqual([]);
  });
});
