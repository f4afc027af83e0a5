import type { Explanation, PermissionAnswer, PermissionAnswers } from '@portreeve/contract';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, problem } from '../people/test-calls.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { createPerson, projectAt, signInWith } from './test-people.ts';

const { viewOnly, fullControl, projectAdministrator, clusterAdministrator } = BUILT_IN_ROLES;

let test: TestServer;
let admin: Client;
let head: Client;
let viewer: Client & { userId: string };
let stack: string;
let shop: string;

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  const { prisma } = test.server.platform.database;
  shop = await projectAt(test, '/shop');
  await projectAt(test, '/bank');
  stack = uuid();
  await prisma.stack.create({ data: { id: stack, projectId: shop, name: 'web' } });
  head = await signInWith(test, 'head', [{ role: projectAdministrator, project: '/shop' }]);
  viewer = await signInWith(test, 'viewer', [{ role: viewOnly, project: '/shop' }]);
  const team = await prisma.team.create({ data: { id: uuid(), name: 'ops' } });
  for (const name of ['olga', 'otto'])
    await prisma.teamMember.create({
      data: { id: uuid(), teamId: team.id, userId: (await createPerson(test, name)).id },
    });
  const root = await projectAt(test, '/');
  await prisma.grant.create({
    data: { id: uuid(), teamId: team.id, roleId: fullControl.id, projectId: root, createdBy: 'test' },
  });
});
afterAll(() => test.close());

describe('who can do this', () => {
  const explain = (client: Client, permission: string, kind = 'stack', id = stack) =>
    client.call('GET', `/explain/${kind}/${id}?permission=${permission}`);
  it('is answered by the grants that have it there, those it inherits too', async () => {
    const told = await done<Explanation>(explain(head, 'service.exec'));
    expect(told.object).toMatchObject({ kind: 'stack', name: 'web', projectPath: '/shop' });
    expect(
      told.holders.map(({ subject, projectPath, inherited, people }) => [
        subject.name,
        projectPath,
        inherited,
        people,
      ]),
    ).toEqual([
      ['head', '/shop', false, 1],
      ['ops', '/', true, 2],
    ]);
    expect(told.administrators.map(({ name }) => name)).toEqual(['admin']);
    expect(told.sentence).toBe('2 grants give service.exec on web, besides the recovery administrator.');
  });
  it('says of a privilege of the host where it is allowed, and whose grants do not count before', async () => {
    const before = await done<Explanation>(explain(head, 'host.devices'));
    expect(before).toMatchObject({ allowedIn: null });
    expect(before.holders.filter(({ counts }) => counts)).toEqual([]);
    await done(
      admin.call('PATCH', `/projects/${shop}`, { hostPrivileges: ['host.devices'] }, { 'if-match': '"1"' }),
    );
    const after = await done<Explanation>(explain(head, 'host.devices'));
    expect(after).toMatchObject({ allowedIn: '/shop' });
    expect(after.holders.every(({ counts }) => counts)).toBe(true);
  });
  it('is no question for who may not see grants there', async () => {
    expect((await explain(viewer, 'service.exec')).status).not.toBe(200);
    expect((await explain(head, 'service.exec', 'stack', uuid())).status).toBe(404);
  });
  it.each(['project', 'stack'])('is asked about a %s', async (kind) => {
    const id = kind === 'project' ? shop : stack;
    expect((await explain(head, 'stack.read', kind, id)).status).toBe(200);
  });
});

describe('what somebody can do, and why', () => {
  const at = (answers: PermissionAnswers, permission: string) =>
    answers.answers.find((one) => one.permission === permission);
  it('names the grant that decides, or what is missing', async () => {
    const answers = await done<PermissionAnswers>(
      head.call('GET', `/users/${viewer.userId}/permissions?project=/shop`),
    );
    expect(at(answers, 'stack.read')).toMatchObject({
      ...{ allowed: true, through: { kind: 'grant', roleName: 'view only', projectPath: '/shop' } },
      sentence: 'Through the role view only in /shop.',
    });
    expect(at(answers, 'service.exec')).toMatchObject({ allowed: false, missing: 'grant' });
    expect((await head.call('GET', `/users/${viewer.userId}/permissions?project=/bank`)).status).toBe(404);
  });
  it('is told to everybody about themselves', async () => {
    const own = await done<PermissionAnswers>(viewer.call('GET', '/me/permissions?project=/shop'));
    expect(at(own, 'stack.read')).toMatchObject({ allowed: true });
    expect((await viewer.call('GET', '/me/permissions?project=/bank')).status).toBe(404);
    const { items } = await done<{ items: { projectPath: string }[] }>(viewer.call('GET', '/me/grants'));
    expect(items.map(({ projectPath }) => projectPath)).toEqual(['/shop']);
  });
});

describe('a refusal', () => {
  it('names who could grant what is missing, nearest first', async () => {
    const { code, hint } = await problem(viewer.call('DELETE', `/stacks/${stack}`));
    expect(code).toBe('permission.missing');
    expect(hint).toBe('Ask head or admin: they can grant it there.');
    const missing = await done<PermissionAnswer & { granters: object[] }>(
      viewer.call('GET', '/me/permissions/service.remove?project=/shop'),
    );
    expect(missing).toMatchObject({ allowed: false, missing: 'grant' });
    expect(missing.granters).toEqual([
      { kind: 'user', name: 'head' },
      { kind: 'user', name: 'admin' },
    ]);
  });
  it('of a privilege of the host that a project does not allow names who may allow it', async () => {
    const root = await signInWith(test, 'root', [{ role: clusterAdministrator, project: '/' }]);
    const missing = await done<{ missing: string; granters: object[] }>(
      head.call('GET', '/me/permissions/host.privileged?project=/shop'),
    );
    expect(missing).toMatchObject({ missing: 'allowance' });
    expect(missing.granters).toEqual([
      { kind: 'user', name: 'root' },
      { kind: 'user', name: 'admin' },
    ]);
    expect((await root.call('GET', '/settings')).status).toBe(200);
  });
  it('names nobody to whom the project is not known', async () => {
    const { hint = '' } = await problem(viewer.call('GET', '/settings'));
    expect(hint).not.toMatch(/admin or|head/);
  });
});

describe('what a project allows of the hosts', () => {
  const edit = async (client: Client, change: object) => {
    const { version } = await done<{ version: number }>(admin.call('GET', `/projects/${shop}`));
    return client.call('PATCH', `/projects/${shop}`, change, { 'if-match': `"${version}"` });
  };
  it('is changed by a cluster administrator at the root alone', async () => {
    expect(await problem(edit(head, { hostPrivileges: ['host.privileged'] }))).toMatchObject({
      code: 'permission.missing',
      detail: expect.stringContaining('Only a cluster administrator at the root'),
    });
    const cluster = await signInWith(test, 'below', [{ role: clusterAdministrator, project: '/shop' }]);
    expect((await edit(cluster, { hostPrivileges: ['host.privileged'] })).status).toBe(403);
    expect((await edit(admin, { hostPrivileges: ['stack.read'] })).status).toBe(400);
    await done(edit(admin, { hostPrivileges: ['host.privileged'] }));
    const entry = await test.server.platform.database.prisma.auditEntry.findFirst({
      where: { action: 'project.edit' },
      orderBy: { at: 'desc' },
    });
    expect(entry?.detail).toEqual({
      change: { hostPrivileges: { from: ['host.devices'], to: ['host.privileged'] } },
    });
  });
  it('is bound to its own nodes and recorded by its own administrator, who cannot undo either', async () => {
    await done(edit(head, { ownNodesOnly: true, recordTerminals: true }));
    for (const change of [{ ownNodesOnly: false }, { recordTerminals: false }])
      expect((await edit(head, change)).status).toBe(404);
    await done(edit(admin, { ownNodesOnly: false, recordTerminals: false }));
  });
});
