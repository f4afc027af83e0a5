import { z } from 'zod';

const AttributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'write the name of an attribute');
const Dn = z.string().min(1).max(1000);
const FilterText = z.string().min(3).max(2000);
const Scope = z.enum(['subtree', 'one']);

/** Where people are looked for, and which attributes tell of them. */
export const UserSearch = z.strictObject({
  base: Dn,
  scope: Scope.default('subtree'),
  /** Whom the search takes at all, as an LDAP filter; the name that was typed is added to it by the server. */
  filter: FilterText.default('(objectClass=person)'),
  usernameAttribute: AttributeName.default('uid'),
  nameAttribute: AttributeName.default('cn'),
  mailAttribute: AttributeName.default('mail'),
});
export type UserSearch = z.infer<typeof UserSearch>;

/** Where groups are, and how they name their members. */
export const GroupRules = z.strictObject({
  base: Dn,
  scope: Scope.default('subtree'),
  filter: FilterText.default(
    '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group))',
  ),
  nameAttribute: AttributeName.default('cn'),
  memberAttribute: AttributeName.default('member'),
  /** What a member is written as: the whole DN (`member`), or the user name alone (`memberUid`). */
  memberIs: z.enum(['dn', 'username']).default('dn'),
});
export type GroupRules = z.infer<typeof GroupRules>;

/** A sync that would take away more than this stops and asks. */
export const SyncGuard = z.strictObject({
  /** Percent of the memberships, or of the accounts, that one sync may end. */
  percent: z.number().int().min(1).max(100).default(20),
  /** Up to so many are never too many, whatever their share. */
  atLeast: z.number().int().min(1).max(100_000).default(5),
});

const DirectoryUrl = z
  .string()
  .max(300)
  .regex(
    /^ldaps?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/,
    'write it like ldaps://ldap.example:636',
  );

const hostOf = (url: string): string => new URL(url.replace(/^ldaps?:/, 'http:')).hostname;
/** Addresses that only a machine's own network has: clouds tell secrets of the machine there. */
const isLinkLocal = (host: string): boolean => /^(169\.254\.|\[fe[89ab])/.test(host);
const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);

type Ways = { urls: string[]; security: 'ldaps' | 'starttls' | 'plain' };
const checkWays = ({ urls, security }: Ways, ctx: z.RefinementCtx): void => {
  for (const [index, url] of urls.entries()) {
    const say = (message: string) => ctx.addIssue({ code: 'custom', message, path: ['urls', index] });
    if (security === 'ldaps' && !url.startsWith('ldaps://')) say('LDAPS needs an address with ldaps://');
    if (security !== 'ldaps' && url.startsWith('ldaps://')) say('ldaps:// needs the security LDAPS');
    if (isLinkLocal(hostOf(url))) say('no directory is at a link-local address');
    if (security === 'plain' && !isLoopback(hostOf(url)))
      say('without TLS only a directory on the same machine (127.0.0.1) is asked');
  }
};

/** How a directory is reached, whom it knows, and how often it is asked. Without the password of its service account. */
export const DirectoryConfiguration = z
  .strictObject({
    /** `openldap` stands for every directory of the standards' kind: 389 DS and FreeIPA too. */
    kind: z.enum(['openldap', 'active-directory']),
    /** Tried in this order. */
    urls: z.array(DirectoryUrl).min(1).max(8),
    security: z.enum(['ldaps', 'starttls', 'plain']).default('ldaps'),
    /** Certificates that the directory's own is checked against; without, those that the system trusts. */
    caPem: z.string().max(65_536).nullable().default(null),
    /** Off means that anybody on the way can read passwords: pages show it as a red banner. */
    verifyCertificate: z.boolean().default(true),
    /** The account by which the directory is searched; empty where it may be searched by anybody. */
    bindDn: z.string().max(1000).default(''),
    /** What tells an entry from all others for ever; Active Directory's is always `objectGUID`. */
    keyAttribute: AttributeName.default('entryUUID'),
    users: z.array(UserSearch).min(1).max(8),
    groups: GroupRules.nullable().default(null),
    /** Accounts come to be at a person's first sign-in, or with the sync for everybody whom the searches find. */
    accounts: z.enum(['at-sign-in', 'by-sync']).default('at-sign-in'),
    connectTimeoutMs: z.number().int().min(200).max(4_000).default(1_500),
    operationTimeoutMs: z.number().int().min(200).max(60_000).default(10_000),
    syncSeconds: z.number().int().min(5).max(3_600).default(60),
    fullSyncMinutes: z.number().int().min(5).max(1_440).default(60),
    /** How long sessions and tokens of its people go on while it cannot be asked. */
    graceMinutes: z.number().int().min(1).max(43_200).default(480),
    guard: SyncGuard.prefault({}),
  })
  .superRefine(checkWays);
export type DirectoryConfiguration = z.infer<typeof DirectoryConfiguration>;

/** Whom a team takes in: the members of a group, with those of groups in it where `nested`, or those that a search finds. */
export const TeamRuleWish = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('group'), dn: Dn, nested: z.boolean().default(true) }),
  z.strictObject({
    kind: z.literal('search'),
    base: Dn,
    scope: Scope.default('subtree'),
    filter: FilterText,
  }),
]);
export type TeamRuleWish = z.infer<typeof TeamRuleWish>;
