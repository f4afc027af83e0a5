import { PERMISSIONS, type Permission } from '@portreeve/domain';

/** Under which heading the permissions of a kind stand, in the order of an operator's day. */
const GROUPS: readonly { title: string; kinds: readonly string[] }[] = [
  { title: 'Projects, stacks and services', kinds: ['project', 'stack', 'service'] },
  { title: 'Privileges of the host', kinds: ['host'] },
  { title: 'Configs and secrets', kinds: ['config', 'secret'] },
  { title: 'Networks, volumes and registries', kinds: ['network', 'volume', 'registry'] },
  { title: 'Nodes', kinds: ['node'] },
  { title: 'People and rights', kinds: ['user', 'team', 'role', 'grant', 'service-account', 'directory'] },
  { title: 'Activity, alerts and audit', kinds: ['activity', 'alert', 'audit'] },
];
const REST = 'The cluster and one’s own';
export const EVERY = Object.keys(PERMISSIONS) as Permission[];

const kindOf = (permission: Permission): string => permission.split('.')[0] ?? '';
const titleOf = (permission: Permission): string =>
  GROUPS.find(({ kinds }) => kinds.includes(kindOf(permission)))?.title ?? REST;

/** Things that have a permission, under the headings that permissions are told by; no heading without any. */
export const inGroups = <T>(
  items: readonly T[],
  permissionOf: (item: T) => Permission,
): { title: string; items: T[] }[] =>
  [...GROUPS.map(({ title }) => title), REST].flatMap((title) => {
    const own = items.filter((item) => titleOf(permissionOf(item)) === title);
    return own.length === 0 ? [] : [{ title, items: own }];
  });
