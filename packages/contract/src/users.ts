import { Permission, ProjectPath } from '@portreeve/domain';
import { z } from 'zod';
import { GrantView } from './grants.ts';
import { defineRoute, IdParams, Moment, OwnListQuery, pageOf } from './route.ts';

/** What somebody signs in with: small letters, so that two names never differ by case or look alone. */
export const AccountName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._@-]*$/, 'Use small letters, digits, dots, hyphens, underscores and @.');
const DisplayName = z.string().trim().max(120);
const Email = z.email().max(254).nullable();

export const UserView = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  email: z.string().nullable(),
  /** Of the console itself, with a password here, or from a directory. */
  directory: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** The recovery administrator: everything everywhere, whatever the grants say. */
  administrator: z.boolean(),
  disabledAt: Moment.nullable(),
  disabledWhy: z.string(),
  mustChangePassword: z.boolean(),
  twoFactor: z.boolean(),
  teams: z.number().int(),
  grants: z.number().int(),
  sessions: z.number().int(),
  tokens: z.number().int(),
  lastSignInAt: Moment.nullable(),
  createdAt: Moment,
  version: z.number().int(),
});
export type UserView = z.infer<typeof UserView>;

/** Where a membership comes from: by hand, or a rule of a directory. */
export const MembershipSource = z.object({
  kind: z.enum(['hand', 'rule']),
  ruleId: z.string().nullable(),
  directoryName: z.string().nullable(),
  since: Moment,
});
export type MembershipSource = z.infer<typeof MembershipSource>;

export const UserPage = UserView.extend({
  directoryDn: z.string(),
  memberships: z.array(
    z.object({
      team: z.object({ id: z.string(), name: z.string() }),
      sources: z.array(MembershipSource),
    }),
  ),
  /** Their own and those of their teams, as far as the asker may see grants there. */
  held: z.array(GrantView),
});
export type UserPage = z.infer<typeof UserPage>;

/** One permission in one project: had through what, or what is missing for it. */
export const PermissionAnswer = z.object({
  permission: Permission,
  text: z.string(),
  allowed: z.boolean(),
  through: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('everything') }),
      z.object({ kind: z.literal('own') }),
      z.object({
        kind: z.literal('grant'),
        grantId: z.string(),
        roleId: z.string(),
        roleName: z.string(),
        teamName: z.string().nullable(),
        projectPath: z.string(),
        endsAt: Moment.nullable(),
      }),
    ])
    .nullable(),
  /** `allowance`: a grant has it, but no administrator allowed it in the project. `token`: the token was made without it. */
  missing: z.enum(['grant', 'allowance', 'token', 'disabled']).nullable(),
  /** The same as a sentence. */
  sentence: z.string(),
});
export type PermissionAnswer = z.infer<typeof PermissionAnswer>;

/** What somebody may do in a project, every permission with its reason. */
export const PermissionAnswers = z.object({
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  projectPath: z.string(),
  answers: z.array(PermissionAnswer),
});
export type PermissionAnswers = z.infer<typeof PermissionAnswers>;

const OneTimePassword = z.object({ oneTimePassword: z.string(), view: UserView });

export const userRoutes = {
  list: defineRoute({
    id: 'users.list',
    method: 'GET',
    path: '/users',
    summary: 'Accounts',
    permission: 'user.read',
    query: OwnListQuery.extend({
      state: z.enum(['enabled', 'disabled']).optional(),
      /** `local`, or the id of a directory. */
      from: z.union([z.literal('local'), z.uuid()]).optional(),
      team: z.uuid().optional(),
    }),
    response: pageOf(UserView),
    live: ['user', 'team', 'session', 'grant'],
  }),
  get: defineRoute({
    id: 'users.get',
    method: 'GET',
    path: '/users/:id',
    summary: 'One account: its teams and where each membership comes from, and its grants',
    permission: 'user.read',
    params: IdParams,
    response: UserPage,
    live: ['user', 'team', 'session', 'grant', 'role', 'project'],
  }),
  permissions: defineRoute({
    id: 'users.permissions',
    method: 'GET',
    path: '/users/:id/permissions',
    summary: 'What can they do in a project, and why',
    permission: 'grant.read',
    params: IdParams,
    query: z.strictObject({ project: ProjectPath.default('/') }),
    response: PermissionAnswers,
    live: ['user', 'team', 'grant', 'role', 'project'],
  }),
  create: defineRoute({
    id: 'users.create',
    method: 'POST',
    path: '/users',
    summary: 'Make a local account; its one-time password is shown once',
    permission: 'user.edit',
    body: z.strictObject({
      name: AccountName,
      displayName: DisplayName.default(''),
      email: Email.default(null),
    }),
    response: OneTimePassword,
    errors: ['conflict.name'],
  }),
  edit: defineRoute({
    id: 'users.edit',
    method: 'PATCH',
    path: '/users/:id',
    summary: 'Change the name shown and the address of a local account',
    permission: 'user.edit',
    params: IdParams,
    body: z.strictObject({ displayName: DisplayName.optional(), email: Email.optional() }),
    response: UserView,
    conditional: true,
  }),
  resetPassword: defineRoute({
    id: 'users.reset-password',
    method: 'POST',
    path: '/users/:id/reset-password',
    summary: 'A new one-time password for a local account; ends its sessions',
    permission: 'user.edit',
    params: IdParams,
    response: OneTimePassword,
  }),
  disable: defineRoute({
    id: 'users.disable',
    method: 'POST',
    path: '/users/:id/disable',
    summary: 'Disable an account: its sessions, tokens, logs and terminals end',
    permission: 'user.edit',
    params: IdParams,
    body: z.strictObject({ why: z.string().trim().max(300).default('') }),
    response: UserView,
  }),
  enable: defineRoute({
    id: 'users.enable',
    method: 'POST',
    path: '/users/:id/enable',
    summary: 'Enable an account again',
    permission: 'user.edit',
    params: IdParams,
    response: UserView,
  }),
  endSessions: defineRoute({
    id: 'users.end-sessions',
    method: 'DELETE',
    path: '/users/:id/sessions',
    summary: 'Sign somebody out everywhere',
    permission: 'user.edit',
    params: IdParams,
    response: z.object({ ended: z.number().int() }),
  }),
};

/** What everybody may ask about themselves. */
export const ownRightsRoutes = {
  grants: defineRoute({
    id: 'me.grants',
    method: 'GET',
    path: '/me/grants',
    summary: 'My grants: where I may do what',
    permission: 'signed-in',
    query: OwnListQuery,
    response: pageOf(GrantView),
    live: ['user', 'team', 'grant', 'role', 'project'],
  }),
  permissions: defineRoute({
    id: 'me.permissions',
    method: 'GET',
    path: '/me/permissions',
    summary: 'What may I do in a project, and why',
    permission: 'signed-in',
    query: z.strictObject({ project: ProjectPath.default('/') }),
    response: PermissionAnswers,
    live: ['user', 'team', 'grant', 'role', 'project'],
  }),
  missing: defineRoute({
    id: 'me.missing',
    method: 'GET',
    path: '/me/permissions/:permission',
    summary: 'What I lack for a permission, and who could grant it',
    permission: 'signed-in',
    params: z.strictObject({ permission: Permission }),
    query: z.strictObject({ project: ProjectPath.default('/') }),
    response: PermissionAnswer.extend({
      projectPath: z.string(),
      /** Who may grant it there; of a privilege of the host that is not allowed there: who may allow it. */
      granters: z.array(z.object({ kind: z.enum(['user', 'team']), name: z.string() })),
    }),
  }),
};
