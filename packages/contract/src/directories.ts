import { Permission } from '@portreeve/domain';
import { z } from 'zod';
import { DirectoryConfiguration, TeamRuleWish } from './directory-configuration.ts';
import { defineRoute, IdParams, Moment, OwnListQuery, pageOf } from './route.ts';

/** How many joined, left and so on; of a run, or of a preview. */
export const SyncCounts = z.object({
  /** Entries that were read. */
  read: z.number().int(),
  created: z.number().int(),
  changed: z.number().int(),
  joined: z.number().int(),
  left: z.number().int(),
  disabled: z.number().int(),
  enabled: z.number().int(),
});
export type SyncCounts = z.infer<typeof SyncCounts>;

export const DirectoryRunView = z.object({
  id: z.string(),
  kind: z.enum(['full', 'increment']),
  outcome: z.enum(['running', 'done', 'failed', 'held']),
  startedAt: Moment,
  endedAt: Moment.nullable(),
  startedBy: z.string(),
  counts: SyncCounts,
  /** The last line of its log: what came of it. */
  text: z.string(),
});
export type DirectoryRunView = z.infer<typeof DirectoryRunView>;
const RunLine = z.object({ at: Moment, text: z.string() });

export const DirectoryView = z.object({
  id: z.string(),
  name: z.string(),
  position: z.number().int(),
  enabled: z.boolean(),
  configuration: DirectoryConfiguration,
  hasPassword: z.boolean(),
  /** What one press goes back to; null when there is nothing before this. */
  previous: DirectoryConfiguration.nullable(),
  /** Accounts that came from it. */
  people: z.number().int(),
  lastFullAt: Moment.nullable(),
  lastRun: DirectoryRunView.nullable(),
  /** A sync that would take too many away and waits for a yes. */
  held: DirectoryRunView.nullable(),
  version: z.number().int(),
  createdAt: Moment,
});
export type DirectoryView = z.infer<typeof DirectoryView>;

const DirectoryBody = z.strictObject({
  name: z.string().trim().min(1).max(60),
  position: z.number().int().min(0).max(1_000).default(0),
  enabled: z.boolean().default(true),
  configuration: DirectoryConfiguration,
  /** None sent keeps the one there is, as long as it goes to the same servers in the same way. */
  password: z.string().max(1024).optional(),
  /** Kept though the directory does not answer as it should: without this a save is refused then. */
  untested: z.boolean().default(false),
});

/** One step of a test, in the order in which they are taken; what could not be tried any more was left out. */
export const DirectoryTestStep = z.object({
  name: z.enum(['connect', 'tls', 'bind', 'search', 'entry', 'password', 'groups', 'teams']),
  state: z.enum(['ok', 'warning', 'failed', 'left-out']),
  text: z.string(),
  hint: z.string(),
  ms: z.number(),
});
export type DirectoryTestStep = z.infer<typeof DirectoryTestStep>;
export const DirectoryTest = z.object({
  ok: z.boolean(),
  steps: z.array(DirectoryTestStep),
  entry: z
    .object({
      dn: z.string(),
      key: z.string(),
      username: z.string(),
      displayName: z.string(),
      email: z.string().nullable(),
      disabled: z.boolean(),
    })
    .nullable(),
  groups: z.array(z.object({ dn: z.string(), name: z.string(), direct: z.boolean() })),
  teams: z.array(z.object({ id: z.string(), name: z.string() })),
  /** What would follow from those teams, and where. */
  permissions: z.array(
    z.object({ projectPath: z.string(), role: z.string(), permissions: z.array(Permission) }),
  ),
});
export type DirectoryTest = z.infer<typeof DirectoryTest>;

const PersonInPreview = z.object({ id: z.string().nullable(), name: z.string() });
const Membership = z.object({ teamId: z.string(), team: z.string(), person: PersonInPreview });
/** What a full sync would do now. Lists end at 500; the counts do not. */
export const SyncPreview = z.object({
  counts: SyncCounts,
  created: z.array(PersonInPreview),
  joined: z.array(Membership),
  left: z.array(Membership),
  disabled: z.array(PersonInPreview),
  enabled: z.array(PersonInPreview),
  /** Why it would stop and ask; empty when it would not. */
  held: z.array(z.string()),
});
export type SyncPreview = z.infer<typeof SyncPreview>;

export const TeamRuleView = z.object({
  id: z.string(),
  teamId: z.string(),
  directory: z.object({ id: z.string(), name: z.string() }),
  wish: TeamRuleWish,
  members: z.number().int(),
  createdAt: Moment,
});
export type TeamRuleView = z.infer<typeof TeamRuleView>;

const RunParams = z.strictObject({ id: z.uuid(), run: z.uuid() });
const RuleParams = z.strictObject({ id: z.uuid(), rule: z.uuid() });

export const directoryRoutes = {
  choices: defineRoute({
    id: 'directories.choices',
    method: 'GET',
    path: '/session/directories',
    summary: 'What the sign-in page says, and the directories that people sign in with, by name',
    permission: 'public',
    response: z.object({
      banner: z.string(),
      directories: z.array(z.object({ id: z.string(), name: z.string() })),
    }),
  }),
  list: defineRoute({
    id: 'directories.list',
    method: 'GET',
    path: '/directories',
    summary: 'Directories',
    permission: 'directory.read',
    query: OwnListQuery,
    response: pageOf(DirectoryView),
    live: ['directory', 'user'],
  }),
  get: defineRoute({
    id: 'directories.get',
    method: 'GET',
    path: '/directories/:id',
    summary: 'One directory',
    permission: 'directory.read',
    params: IdParams,
    response: DirectoryView,
    live: ['directory'],
  }),
  create: defineRoute({
    id: 'directories.create',
    method: 'POST',
    path: '/directories',
    summary: 'Set up a directory',
    permission: 'directory.edit',
    body: DirectoryBody,
    response: DirectoryView,
    errors: ['conflict.name', 'directory.refused'],
  }),
  edit: defineRoute({
    id: 'directories.edit',
    method: 'PUT',
    path: '/directories/:id',
    summary: 'Change a directory; what was before is kept beside it',
    permission: 'directory.edit',
    params: IdParams,
    body: DirectoryBody,
    response: DirectoryView,
    conditional: true,
    errors: ['conflict.name', 'directory.refused'],
  }),
  switchBack: defineRoute({
    id: 'directories.switch-back',
    method: 'POST',
    path: '/directories/:id/switch-back',
    summary: 'Go back to the configuration before this one',
    permission: 'directory.edit',
    params: IdParams,
    response: DirectoryView,
  }),
  remove: defineRoute({
    id: 'directories.remove',
    method: 'DELETE',
    path: '/directories/:id',
    summary: 'Remove a directory; its people are disabled',
    permission: 'directory.edit',
    params: IdParams,
  }),
  test: defineRoute({
    id: 'directories.test',
    method: 'POST',
    path: '/directory-tests',
    summary: 'Try a configuration before it is kept',
    permission: 'directory.edit',
    body: z.strictObject({
      /** Whose password and team rules are meant where the configuration is to replace that of a directory. */
      directoryId: z.uuid().optional(),
      configuration: DirectoryConfiguration,
      password: z.string().max(1024).optional(),
      /** A person to look for. */
      username: z.string().max(256).optional(),
      /** Their password, where the sign-in is to be tried as well. It is kept nowhere. */
      userPassword: z.string().max(1024).optional(),
    }),
    response: DirectoryTest,
    errors: ['not-found'],
  }),
  preview: defineRoute({
    id: 'directories.preview',
    method: 'POST',
    path: '/directories/:id/preview',
    summary: 'What a sync would do now',
    permission: 'directory.read',
    changesNothing: true,
    params: IdParams,
    response: SyncPreview,
    errors: ['directory.unavailable'],
  }),
  sync: defineRoute({
    id: 'directories.sync',
    method: 'POST',
    path: '/directories/:id/sync',
    summary: 'Sync now',
    permission: 'directory.edit',
    params: IdParams,
    body: z.strictObject({ kind: z.enum(['full', 'increment']).default('full') }),
    response: DirectoryRunView,
  }),
  confirm: defineRoute({
    id: 'directories.confirm',
    method: 'POST',
    path: '/directories/:id/runs/:run/confirm',
    summary: 'Let a sync go on that stopped because it would take many away',
    permission: 'directory.edit',
    params: RunParams,
    response: DirectoryRunView,
  }),
  runs: defineRoute({
    id: 'directories.runs',
    method: 'GET',
    path: '/directories/:id/runs',
    summary: 'Syncs of a directory, the latest first',
    permission: 'directory.read',
    params: IdParams,
    query: OwnListQuery,
    response: pageOf(DirectoryRunView),
    live: ['directory'],
  }),
  run: defineRoute({
    id: 'directories.run',
    method: 'GET',
    path: '/directories/:id/runs/:run',
    summary: 'The log of a sync',
    permission: 'directory.read',
    params: RunParams,
    response: DirectoryRunView.extend({ log: z.array(RunLine) }),
    live: ['directory'],
  }),
  groups: defineRoute({
    id: 'directories.groups',
    method: 'GET',
    path: '/directories/:id/groups',
    summary: 'Groups of a directory by a part of their name; the first fifty',
    permission: 'directory.read',
    params: IdParams,
    query: z.strictObject({ name: z.string().max(200).default('') }),
    response: z.object({ groups: z.array(z.object({ dn: z.string(), name: z.string() })) }),
    errors: ['directory.unavailable'],
  }),
  rules: defineRoute({
    id: 'team-rules.list',
    method: 'GET',
    path: '/teams/:id/rules',
    summary: 'Whom of which directory a team takes in',
    permission: 'team.read',
    params: IdParams,
    query: OwnListQuery,
    response: pageOf(TeamRuleView),
    live: ['team'],
  }),
  createRule: defineRoute({
    id: 'team-rules.create',
    method: 'POST',
    path: '/teams/:id/rules',
    summary: 'Take in people of a directory',
    permission: 'team.edit',
    params: IdParams,
    body: z.strictObject({ directoryId: z.uuid(), wish: TeamRuleWish }),
    response: TeamRuleView,
    errors: ['directory.unavailable', 'directory.refused'],
  }),
  removeRule: defineRoute({
    id: 'team-rules.remove',
    method: 'DELETE',
    path: '/teams/:id/rules/:rule',
    summary: 'Take in no more of them; who came by this rule alone leaves',
    permission: 'team.edit',
    params: RuleParams,
  }),
};
