import {
  BUILT_IN_ROLES,
  isHostPrivilege,
  isWithin,
  OWN_PERMISSIONS,
  type Permission,
} from '@portreeve/domain';
import type { Decision, HeldGrant, Rights } from './types.ts';

const stands = ({ endsAt }: HeldGrant, now: number): boolean => endsAt === undefined || endsAt > now;

/** A cluster administrator at the root is not bound by what projects allow: they could allow it themselves. */
const isUnbound = ({ roleId, projectPath }: HeldGrant): boolean =>
  roleId === BUILT_IN_ROLES.clusterAdministrator.id && projectPath === '/';

const isAllowedIn = (rights: Rights, permission: Permission, path: string): boolean =>
  rights.allowances.some(
    ({ projectPath, permissions }) => isWithin(path, projectPath) && permissions.has(permission),
  );

/**
 * May somebody do this in that project, and through which grant? Denied unless a grant of theirs, at the project or
 * above it, has the permission and has not ended.
 * @param now milliseconds since the epoch
 */
export const decide = (rights: Rights, permission: Permission, path: string, now: number): Decision => {
  if (rights.everything) return { allowed: true, through: 'everything' };
  if (OWN_PERMISSIONS.has(permission)) return { allowed: true, through: 'own' };
  const held = rights.grants.filter(
    (grant) => grant.permissions.has(permission) && isWithin(path, grant.projectPath) && stands(grant, now),
  );
  const [first] = held;
  if (!first) return { allowed: false, why: 'no grant' };
  if (!isHostPrivilege(permission) || isAllowedIn(rights, permission, path))
    return { allowed: true, through: first };
  const unbound = held.find(isUnbound);
  return unbound
    ? { allowed: true, through: unbound }
    : { allowed: false, why: 'not allowed in project', grant: first };
};

/**
 * The projects of whose trees somebody holds a permission, none of them within another: what a list is filtered by.
 * Privileges of the host are not asked for by lists, and what projects allow of them is not looked at.
 * @param within only this project and what is below it
 */
export const scopeOf = (rights: Rights, permission: Permission, within: string, now: number): string[] => {
  if (rights.everything || OWN_PERMISSIONS.has(permission)) return [within];
  const paths = rights.grants
    .filter((grant) => grant.permissions.has(permission) && stands(grant, now))
    .flatMap(({ projectPath }) => {
      if (isWithin(within, projectPath)) return [within];
      return isWithin(projectPath, within) ? [projectPath] : [];
    });
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && isWithin(path, other)));
};

/** True when somebody holds any permission in the project: they may know that it is there. */
export const seesProject = (rights: Rights, path: string, now: number): boolean =>
  rights.everything ||
  rights.grants.some(
    (grant) => grant.permissions.size > 0 && isWithin(path, grant.projectPath) && stands(grant, now),
  );

const lasts = ({ endsAt }: HeldGrant, until: number | undefined): boolean =>
  endsAt === undefined || (until !== undefined && until <= endsAt);

/** Is it a cluster administrator at the root, or the recovery administrator, until then? Not bound by what projects allow. */
export const isClusterAdministrator = (rights: Rights, until: number | undefined, now: number): boolean =>
  rights.everything ||
  rights.grants.some((grant) => isUnbound(grant) && stands(grant, now) && lasts(grant, until));

/**
 * May somebody hand a permission on in that project until then? Only what they hold there themselves, and no longer
 * than they do. Privileges of the host are bound by what the project allows, for both alike: the grant is what counts.
 * @param until milliseconds since the epoch; undefined: without end
 */
export const mayHandOn = (
  rights: Rights,
  permission: Permission,
  path: string,
  until: number | undefined,
  now: number,
): boolean =>
  rights.everything ||
  OWN_PERMISSIONS.has(permission) ||
  rights.grants.some(
    (grant) =>
      grant.permissions.has(permission) &&
      isWithin(path, grant.projectPath) &&
      stands(grant, now) &&
      lasts(grant, until),
  );
