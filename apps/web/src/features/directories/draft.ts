import { DirectoryConfiguration, type DirectoryView } from '@portreeve/contract';
import type { z } from 'zod';

type Kind = DirectoryConfiguration['kind'];
type UserSearch = DirectoryConfiguration['users'][number];
type Groups = NonNullable<DirectoryConfiguration['groups']>;

const NUMBERS = [
  'connectTimeoutMs',
  'operationTimeoutMs',
  'syncSeconds',
  'fullSyncMinutes',
  'graceMinutes',
] as const;
export type NumberField = (typeof NUMBERS)[number];

/** A set-up as it is typed: lines and numbers as text, all else as the contract has it. */
export type Draft = Omit<DirectoryConfiguration, 'urls' | 'caPem' | 'guard' | NumberField> &
  Record<NumberField, string> & {
    name: string;
    position: string;
    enabled: boolean;
    password: string;
    urls: string;
    caPem: string;
    guardPercent: string;
    guardAtLeast: string;
  };

const PERSON: Record<Kind, Omit<UserSearch, 'base'>> = {
  openldap: {
    scope: 'subtree',
    filter: '(objectClass=person)',
    usernameAttribute: 'uid',
    nameAttribute: 'cn',
    mailAttribute: 'mail',
  },
  'active-directory': {
    scope: 'subtree',
    filter: '(&(objectCategory=person)(objectClass=user))',
    usernameAttribute: 'sAMAccountName',
    nameAttribute: 'displayName',
    mailAttribute: 'mail',
  },
};
const GROUP: Record<Kind, Omit<Groups, 'base'>> = {
  openldap: {
    scope: 'subtree',
    filter: '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))',
    nameAttribute: 'cn',
    memberAttribute: 'member',
    memberIs: 'dn',
  },
  'active-directory': {
    scope: 'subtree',
    filter: '(objectClass=group)',
    nameAttribute: 'cn',
    memberAttribute: 'member',
    memberIs: 'dn',
  },
};

export const newSearch = (kind: Kind): UserSearch => ({ base: '', ...PERSON[kind] });
export const newGroups = (kind: Kind): Groups => ({ base: '', ...GROUP[kind] });

/** Another kind of directory names things otherwise; where one looks stays. */
export const ofKind = (draft: Draft, kind: Kind): Draft => ({
  ...draft,
  kind,
  keyAttribute: kind === 'openldap' ? 'entryUUID' : 'objectGUID',
  users: draft.users.map(({ base }) => ({ ...newSearch(kind), base })),
  groups: draft.groups && { ...newGroups(kind), base: draft.groups.base },
});

const typed = (configuration: DirectoryConfiguration) => {
  const { urls, caPem, guard, ...rest } = configuration;
  const numbers = Object.fromEntries(NUMBERS.map((key) => [key, `${configuration[key]}`]));
  return {
    ...rest,
    ...(numbers as Record<NumberField, string>),
    urls: urls.join('\n'),
    caPem: caPem ?? '',
    guardPercent: `${guard.percent}`,
    guardAtLeast: `${guard.atLeast}`,
  };
};

const BEGINNING: DirectoryConfiguration = {
  ...DirectoryConfiguration.parse({
    kind: 'openldap',
    urls: ['ldaps://ldap.example'],
    users: [{ base: 'dc=example' }],
  }),
  urls: [],
  users: [newSearch('openldap')],
};

/** What a set-up begins with: what there is, or what most directories want. */
export const draftOf = (directory?: DirectoryView): Draft => ({
  name: directory?.name ?? '',
  position: `${directory?.position ?? 0}`,
  enabled: directory?.enabled ?? true,
  password: '',
  ...typed(directory?.configuration ?? BEGINNING),
});

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** What was typed as the contract wants it, or what is wrong where. */
export const read = (draft: Draft): z.ZodSafeParseResult<DirectoryConfiguration> => {
  const { name: _, position: __, enabled: ___, password: ____, guardPercent, guardAtLeast, ...rest } = draft;
  return DirectoryConfiguration.safeParse({
    ...rest,
    ...Object.fromEntries(NUMBERS.map((key) => [key, numberOf(draft[key])])),
    urls: draft.urls.split(/\s+/).filter(Boolean),
    caPem: draft.caPem.trim() === '' ? null : draft.caPem,
    guard: { percent: numberOf(guardPercent), atLeast: numberOf(guardAtLeast) },
  });
};

/** What is wrong at a place of the set-up or anywhere in it, in words. */
export const wrongAt = (
  parsed: ReturnType<typeof read>,
  ...path: readonly PropertyKey[]
): string | undefined =>
  parsed.error?.issues.find((issue) => path.every((part, index) => issue.path[index] === part))?.message;
