import { PERMISSIONS, type Permission } from './permissions.ts';

/** A named set of permissions. Built-in ones have fixed ids and change with the code alone. */
export type Role = { id: string; name: string; description: string; permissions: readonly Permission[] };

const EVERY = Object.keys(PERMISSIONS) as Permission[];

/** Of the account itself, not of a project: whoever is signed in has them. */
export const OWN_PERMISSIONS: ReadonlySet<Permission> = new Set(['token.own']);

/** Privileges of the host: besides a grant they need that an administrator allowed them in the project. */
export const isHostPrivilege = (permission: Permission): boolean => permission.startsWith('host.');

const VIEW: Permission[] = [
  'project.read',
  'stack.read',
  'config.read',
  'secret.list',
  'network.read',
  'volume.read',
  'registry.read',
  'node.read',
  'activity.read',
  'alert.read',
];
const RESTRICTED: Permission[] = [
  ...VIEW,
  'service.deploy',
  'service.scale',
  'service.stop',
  'service.remove',
  'service.logs',
  'service.env.read',
  'service.webhook',
  'config.edit',
  'secret.edit',
  'network.edit',
  'volume.edit',
];
const FULL: Permission[] = [...RESTRICTED, 'service.exec', ...EVERY.filter(isHostPrivilege)];
const OF_CLUSTER: ReadonlySet<Permission> = new Set([
  'user.edit',
  'team.edit',
  'role.edit',
  'directory.read',
  'directory.edit',
  'settings.read',
  'settings.edit',
  'audit.edit',
]);

const builtIn = (
  number: number,
  name: string,
  description: string,
  permissions: readonly Permission[],
): Role => ({
  id: `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`,
  name,
  description,
  permissions,
});

/** The roles that every cluster has, in the order of what they may. */
export const BUILT_IN_ROLES = {
  none: builtIn(1, 'none', 'Nothing. To say that somebody was thought of.', []),
  viewOnly: builtIn(2, 'view only', 'See what is there; no environment values, no logs, no terminals.', VIEW),
  restrictedControl: builtIn(
    3,
    'restricted control',
    'Deploy, change and remove services; no terminals and nothing of the host.',
    RESTRICTED,
  ),
  scheduler: builtIn(
    4,
    'scheduler',
    'Keep things running: drain nodes, scale, stop and restart; deploy nothing.',
    [...VIEW, 'service.scale', 'service.stop', 'service.logs', 'node.drain'],
  ),
  fullControl: builtIn(
    5,
    'full control',
    'Everything about services, terminals too; privileges of the host where the project allows them.',
    FULL,
  ),
  projectAdministrator: builtIn(
    6,
    'project administrator',
    'Full control of a project, its nodes, its registries, and who may do what in it.',
    EVERY.filter((permission) => !OF_CLUSTER.has(permission)),
  ),
  clusterAdministrator: builtIn(
    7,
    'cluster administrator',
    'Everything. At the root it is everything everywhere.',
    EVERY,
  ),
  auditor: builtIn(8, 'auditor', 'See who may do what and who did what; change nothing.', [
    ...VIEW,
    'user.read',
    'team.read',
    'role.read',
    'grant.read',
    'directory.read',
    'settings.read',
    'audit.read',
    'audit.recording',
  ]),
} as const satisfies Record<string, Role>;

const BY_ID: ReadonlyMap<string, Role> = new Map(
  Object.values(BUILT_IN_ROLES).map((role) => [role.id, role]),
);

/** The built-in role of an id; undefined for a role that people made. */
export const builtInRole = (id: string): Role | undefined => BY_ID.get(id);
