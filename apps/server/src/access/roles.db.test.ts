import type { RolePreview, RoleView } from '@portreeve/contract';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, ifMatch, problem } from '../people/test-calls.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { createPerson, projectAt, signInWith } from './test-people.ts';

const { viewOnly, restrictedControl, fullControl } = BUILT_IN_ROLES;

let test: TestServer;
let admin: Client;
const make = (name: string, permissions: string[]) =>
  done<RoleView>(admin.call('POST', '/roles', { name, permissions }));

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  await projectAt(test, '/shop');
});
afterAll(() => test.close());

describe('roles', () => {
  it('are listed built-in ones first, from what may least', async () => {
    await make('a own one', []);
    const { items } = await done<{ items: RoleView[] }>(admin.call('GET', '/roles'));
    expect(items.map(({ name }) => name).slice(0, 9)).toEqual([
      ...Object.values(BUILT_IN_ROLES).map(({ name }) => name),
      'a own one',
    ]);
  });
  it('are copied, and then one’s own to change', async () => {
    const copy = await done<RoleView>(
      admin.call('POST', '/roles', { name: 'deployer', copyOf: restrictedControl.id }),
    );
    expect(copy).toMatchObject({ builtIn: false, copiedFrom: { name: 'restricted control' }, version: 1 });
    expect(copy.permissions.toSorted()).toEqual([...restrictedControl.permissions].toSorted());
    const changed = await done<RoleView>(
      admin.call('PATCH', `/roles/${copy.id}`, { permissions: ['stack.read'] }, ifMatch(1)),
    );
    expect(changed).toMatchObject({ permissions: ['stack.read'], version: 2 });
    expect(
      await problem(admin.call('PATCH', `/roles/${copy.id}`, { permissions: [] }, ifMatch(1))),
    ).toMatchObject({ code: 'conflict.version' });
  });
  it('that are built in stay as they are', async () => {
    const path = `/roles/${viewOnly.id}`;
    expect(await problem(admin.call('PATCH', path, { permissions: [] }, ifMatch(1)))).toMatchObject({
      code: 'conflict.state',
    });
    expect(await problem(admin.call('DELETE', path, undefined, ifMatch(1)))).toMatchObject({
      code: 'conflict.state',
    });
  });
  it('change at once for everybody who holds them', async () => {
    const role = await make('reader', ['stack.read']);
    const ada = await signInWith(test, 'ada', [{ role, project: '/shop' }]);
    expect((await ada.call('GET', '/stacks')).status).toBe(200);
    await done(admin.call('PATCH', `/roles/${role.id}`, { permissions: [] }, ifMatch(1)));
    expect((await ada.call('GET', '/stacks')).status).toBe(403);
  });
  it('are not removed while somebody holds them', async () => {
    const role = await make('held', ['stack.read']);
    const { grantIds } = await createPerson(test, 'holder', [{ role, project: '/shop' }]);
    expect(await problem(admin.call('DELETE', `/roles/${role.id}`, undefined, ifMatch(1)))).toMatchObject({
      code: 'in-use',
      detail: 'The role held is granted to holder in /shop.',
    });
    await done(admin.call('DELETE', `/grants/${grantIds[0]}`));
    await done(admin.call('DELETE', `/roles/${role.id}`, undefined, ifMatch(1)));
    expect((await admin.call('GET', `/roles/${role.id}`)).status).toBe(404);
  });
  it('tell before a change who gains and who loses what by it', async () => {
    const role = await make('changing', ['stack.read', 'service.logs']);
    await createPerson(test, 'only', [{ role, project: '/shop' }]);
    await createPerson(test, 'else', [
      { role, project: '/shop' },
      { role: restrictedControl, project: '/shop' },
    ]);
    const preview = await done<RolePreview>(
      admin.call('POST', `/roles/${role.id}/preview`, { permissions: ['stack.read', 'service.exec'] }),
    );
    expect(preview).toMatchObject({
      gained: ['service.exec'],
      lost: ['service.logs'],
      people: 2,
      refusal: '',
    });
    expect(preview.sentence).toBe('2 accounts gain 1 permission and lose 1 permission.');
    const of = (name: string) => preview.affected.find((one) => one.name === name);
    expect(of('only')).toMatchObject({
      gains: ['service.exec'],
      loses: ['service.logs'],
      projectPath: '/shop',
    });
    expect(of('else')).toMatchObject({ gains: ['service.exec'], loses: [] });
  });
  it('get nothing that whoever changes them does not hold at the root', async () => {
    const editing = await make('role editor', ['role.read', 'role.edit', 'stack.read']);
    const editor = await signInWith(test, 'editor', [
      { role: editing, project: '/' },
      { role: fullControl, project: '/shop' },
    ]);
    const path = `/roles/${editing.id}`;
    const more = { permissions: [...editing.permissions, 'service.exec'] };
    expect(await problem(editor.call('PATCH', path, more, ifMatch(1)))).toMatchObject({
      code: 'permission.missing',
    });
    const preview = await done<RolePreview>(editor.call('POST', `${path}/preview`, more));
    expect(preview.refusal).toContain('service.exec, which you do not hold in / yourself');
    expect(await problem(editor.call('POST', '/roles', { name: 'strong', ...more }))).toMatchObject({
      code: 'permission.missing',
    });
    await done(editor.call('PATCH', path, { permissions: ['role.read', 'role.edit'] }, ifMatch(1)));
  });
});
