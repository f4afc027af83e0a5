import { BUILT_IN_ROLES, type Permission, type Role } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, isClusterAdministrator, mayHandOn, scopeOf, seesProject } from './decide.ts';
import type { HeldGrant, Rights } from './types.ts';

const NOW = 1_000_000;
const grant = (role: Role, projectPath: string, more: Partial<HeldGrant> = {}): HeldGrant => ({
  id: `${role.name} in ${projectPath}`,
  roleId: role.id,
  roleName: role.name,
  projectPath,
  permissions: new Set(role.permissions),
  ...more,
});
const rights = (...grants: HeldGrant[]): Rights => ({ everything: false, grants, allowances: [] });
const may = (held: Rights, permission: Permission, path: string): boolean =>
  decide(held, permission, path, NOW).allowed;

const { viewOnly, fullControl, clusterAdministrator, projectAdministrator, restrictedControl, none } =
  BUILT_IN_ROLES;

describe('what a grant gives', () => {
  it.each<[Role, string, Permission, string, boolean]>([
    [viewOnly, '/shop', 'stack.read', '/shop', true],
    [viewOnly, '/shop', 'stack.read', '/shop/prod', true],
    [viewOnly, '/shop', 'stack.read', '/', false],
    [viewOnly, '/shop', 'stack.read', '/shopping', false],
    [viewOnly, '/shop', 'service.env.read', '/shop', false],
    [viewOnly, '/shop', 'service.logs', '/shop', false],
    [restrictedControl, '/shop', 'service.deploy', '/shop', true],
    [restrictedControl, '/shop', 'service.exec', '/shop', false],
    [fullControl, '/shop', 'service.exec', '/shop', true],
    [projectAdministrator, '/shop', 'grant.edit', '/shop', true],
    [projectAdministrator, '/shop', 'directory.edit', '/shop', false],
    [clusterAdministrator, '/', 'directory.edit', '/', true],
    [none, '/', 'project.read', '/', false],
  ])('%s in %s: %s in %s', (role, at, permission, path, expected) => {
    expect(may(rights(grant(role, at)), permission, path)).toBe(expected);
  });

  it('names the grant that decided', () => {
    const held = rights(grant(viewOnly, '/shop'), grant(fullControl, '/shop'));
    expect(decide(held, 'service.exec', '/shop', NOW)).toEqual({ allowed: true, through: held.grants[1] });
  });

  it('ends with its time', () => {
    expect(may(rights(grant(fullControl, '/shop', { endsAt: NOW + 1 })), 'service.exec', '/shop')).toBe(true);
    expect(may(rights(grant(fullControl, '/shop', { endsAt: NOW })), 'service.exec', '/shop')).toBe(false);
  });

  it('gives nobody else their own tokens: whoever is signed in has those', () => {
    expect(may(rights(), 'token.own', '/')).toBe(true);
  });
});

describe('privileges of the host', () => {
  const full = rights(grant(fullControl, '/shop'));
  const allowed = (projectPath: string): Rights => ({
    ...full,
    allowances: [{ projectPath, permissions: new Set(['host.bind-mount']) }],
  });
  it('are off although the role has them', () => {
    expect(decide(full, 'host.bind-mount', '/shop', NOW)).toMatchObject({ why: 'not allowed in project' });
  });
  it.each([
    ['/shop', true],
    ['/', true],
    ['/shop/prod', false],
    ['/bank', false],
  ])('allowed in %s by an administrator: %s in /shop', (path, expected) => {
    expect(may(allowed(path), 'host.bind-mount', '/shop')).toBe(expected);
  });
  it('allowed, they are still not in lesser roles', () => {
    const lesser = { ...allowed('/'), grants: [grant(restrictedControl, '/shop')] };
    expect(may(lesser, 'host.bind-mount', '/shop')).toBe(false);
  });
  it('are always held by a cluster administrator at the root, and by none below it', () => {
    expect(may(rights(grant(clusterAdministrator, '/')), 'host.privileged', '/shop')).toBe(true);
    expect(may(rights(grant(clusterAdministrator, '/shop')), 'host.privileged', '/shop')).toBe(false);
  });
});

const PATHS = ['/', '/a', '/a/b', '/a/b/c', '/ab', '/b'];
const anyRights = fc
  .array(
    fc.record({
      role: fc.constantFrom(viewOnly, restrictedControl, none),
      path: fc.constantFrom(...PATHS),
      endsAt: fc.option(fc.integer({ min: NOW - 2, max: NOW + 2 }), { nil: undefined }),
    }),
    { maxLength: 5 },
  )
  .map((grants) =>
    rights(
      ...grants.map(({ role, path, endsAt }) => grant(role, path, endsAt === undefined ? {} : { endsAt })),
    ),
  );

describe('lists', () => {
  it('hold exactly what would be allowed one by one', () => {
    fc.assert(
      fc.property(anyRights, fc.constantFrom(...PATHS), fc.constantFrom(...PATHS), (held, within, path) => {
        const scope = scopeOf(held, 'stack.read', within, NOW);
        const listed = scope.some((one) => path === one || path.startsWith(one === '/' ? '/' : `${one}/`));
        const inside = path === within || path.startsWith(within === '/' ? '/' : `${within}/`);
        expect(listed).toBe(inside && may(held, 'stack.read', path));
      }),
    );
  });
  it('name no project twice, and none within another', () => {
    const held = rights(grant(viewOnly, '/a/b'), grant(viewOnly, '/a'), grant(viewOnly, '/a'));
    expect(scopeOf(held, 'stack.read', '/', NOW)).toEqual(['/a']);
  });
});

describe('what somebody may know to be there', () => {
  it('is a project in which they hold something', () => {
    expect(seesProject(rights(grant(viewOnly, '/shop')), '/shop/prod', NOW)).toBe(true);
    expect(seesProject(rights(grant(viewOnly, '/shop')), '/bank', NOW)).toBe(false);
    expect(seesProject(rights(grant(none, '/bank')), '/bank', NOW)).toBe(false);
  });
});

describe('what somebody may hand on', () => {
  const hour = rights(grant(fullControl, '/shop', { endsAt: NOW + 60 }));
  it.each<[string, Rights, Permission, string, number | undefined, boolean]>([
    ['what they hold there', rights(grant(fullControl, '/shop')), 'service.exec', '/shop', undefined, true],
    [
      'what they hold above it',
      rights(grant(fullControl, '/shop')),
      'service.exec',
      '/shop/a',
      undefined,
      true,
    ],
    ['nothing elsewhere', rights(grant(fullControl, '/shop')), 'service.exec', '/bank', undefined, false],
    ['nothing they lack', rights(grant(viewOnly, '/shop')), 'service.exec', '/shop', undefined, false],
    ['for as long as their own', hour, 'service.exec', '/shop', NOW + 60, true],
    ['no longer than their own', hour, 'service.exec', '/shop', NOW + 61, false],
    ['not for ever what ends', hour, 'service.exec', '/shop', undefined, false],
    [
      'privileges of the host, bound alike',
      rights(grant(fullControl, '/shop')),
      'host.devices',
      '/shop',
      undefined,
      true,
    ],
  ])('is %s', (_, held, permission, path, until, expected) => {
    expect(mayHandOn(held, permission, path, until, NOW)).toBe(expected);
  });
  it('is never to be unbound, unless they are so themselves', () => {
    const root = grant(clusterAdministrator, '/');
    const alike = { ...root, roleId: 'a copy of it' };
    expect(isClusterAdministrator(rights(root), undefined, NOW)).toBe(true);
    expect(isClusterAdministrator(rights(alike), undefined, NOW)).toBe(false);
    expect(isClusterAdministrator(rights(grant(clusterAdministrator, '/shop')), undefined, NOW)).toBe(false);
    expect(isClusterAdministrator(rights({ ...root, endsAt: NOW + 1 }), undefined, NOW)).toBe(false);
  });
});
