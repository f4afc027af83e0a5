import { Permission, ProjectPath } from '@portreeve/domain';
import { z } from 'zod';
import { defineRoute, IdParams, ListQuery, Moment, pageOf } from './route.ts';

export const GRANT_SUBJECT_KINDS = ['user', 'team', 'service-account'] as const;
const SubjectKind = z.enum(GRANT_SUBJECT_KINDS);

/** Who something is granted to. */
export const GrantSubject = z.object({
  kind: SubjectKind,
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
});
export type GrantSubject = z.infer<typeof GrantSubject>;

export const GrantView = z.object({
  id: z.string(),
  subject: GrantSubject,
  role: z.object({ id: z.string(), name: z.string(), builtIn: z.boolean() }),
  projectId: z.string(),
  projectPath: z.string(),
  /** In a list of what counts in one project: it was granted above it, at `projectPath`. */
  inherited: z.boolean(),
  endsAt: Moment.nullable(),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: Moment,
  /** The last day on which anything was done through it; null: never yet. */
  lastUsedOn: z.iso.date().nullable(),
  /** Whether the asker may end it. */
  mayEnd: z.boolean(),
});
export type GrantView = z.infer<typeof GrantView>;

/** A grant with what nobody did through it for long. */
export const UnusedGrant = GrantView.extend({
  permissions: z.number().int(),
  unused: z.array(Permission),
});
export type UnusedGrant = z.infer<typeof UnusedGrant>;

/** A kind of object, and where it stands: whom one can ask "who can do this?" about. */
export const EXPLAINED_KINDS = [
  'project',
  'stack',
  'service',
  'task',
  'rollout',
  'node',
  'config',
  'secret',
  'network',
  'volume',
  'registry',
  'service-account',
] as const;

/** Who can do something with an object, each through the grant that decides. */
export const Explanation = z.object({
  object: z.object({
    kind: z.enum(EXPLAINED_KINDS),
    id: z.string(),
    name: z.string(),
    projectPath: z.string(),
  }),
  permission: Permission,
  text: z.string(),
  /** Of a privilege of the host: the project in which it is allowed; null when it is allowed nowhere. Else absent. */
  allowedIn: z.string().nullable().optional(),
  /** Every grant that has it there; `counts` is false where only the allowance is missing. Ends at 500. */
  holders: z.array(GrantView.extend({ people: z.number().int(), counts: z.boolean() })),
  more: z.number().int(),
  /** Recovery administrators, who need no grant. */
  administrators: z.array(z.object({ id: z.string(), name: z.string() })),
  sentence: z.string(),
});
export type Explanation = z.infer<typeof Explanation>;

export const grantRoutes = {
  list: defineRoute({
    id: 'grants.list',
    method: 'GET',
    path: '/grants',
    summary: 'Who was granted what, and where',
    permission: 'grant.read',
    query: ListQuery.extend({
      /** `within`: in the project and below it. `effective`: what counts in the project, with what it inherits. */
      reach: z.enum(['within', 'effective']).default('within'),
      user: z.uuid().optional(),
      team: z.uuid().optional(),
      role: z.uuid().optional(),
    }),
    response: pageOf(GrantView),
    live: ['grant', 'team', 'role', 'project', 'user'],
  }),
  get: defineRoute({
    id: 'grants.get',
    method: 'GET',
    path: '/grants/:id',
    summary: 'One grant',
    permission: 'grant.read',
    params: IdParams,
    response: GrantView,
    live: ['grant', 'team', 'role', 'project'],
  }),
  unused: defineRoute({
    id: 'grants.unused',
    method: 'GET',
    path: '/access/unused',
    summary: 'Rights that were granted and not used for long',
    permission: 'grant.read',
    query: ListQuery.extend({ days: z.coerce.number().int().min(1).max(3_650).default(90) }),
    response: pageOf(UnusedGrant),
  }),
  subjects: defineRoute({
    id: 'grants.subjects',
    method: 'GET',
    path: '/access/subjects',
    summary: 'People, teams and service accounts to grant something to',
    permission: 'grant.edit',
    query: ListQuery,
    response: pageOf(GrantSubject),
    live: ['user', 'team'],
  }),
  roles: defineRoute({
    id: 'grants.roles',
    method: 'GET',
    path: '/access/roles',
    summary: 'Which roles you may grant in a project, and what you lack for the others',
    permission: 'grant.edit',
    query: z.strictObject({ project: ProjectPath.default('/') }),
    response: z.object({
      roles: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          description: z.string(),
          builtIn: z.boolean(),
          permissions: z.array(Permission),
          /** Permissions of it that you do not hold there. */
          lacking: z.array(Permission),
          /** Why it may not be granted; empty when it may. */
          refusal: z.string(),
        }),
      ),
    }),
    live: ['role', 'grant', 'project'],
  }),
  create: defineRoute({
    id: 'grants.create',
    method: 'POST',
    path: '/grants',
    summary: 'Grant a role in a project, none with more than you hold there yourself',
    permission: 'grant.edit',
    body: z.strictObject({
      subject: z.strictObject({ kind: SubjectKind, id: z.uuid() }),
      role: z.uuid(),
      project: ProjectPath,
      endsAt: Moment.optional(),
      reason: z.string().trim().max(300).default(''),
    }),
    response: GrantView,
    errors: ['not-found'],
  }),
  end: defineRoute({
    id: 'grants.end',
    method: 'DELETE',
    path: '/grants/:id',
    summary: 'End a grant; what was open through it closes',
    permission: 'grant.edit',
    params: IdParams,
  }),
  explain: defineRoute({
    id: 'explain.object',
    method: 'GET',
    path: '/explain/:kind/:id',
    summary: 'Who can do this with it, and through which grant',
    permission: 'grant.read',
    params: z.strictObject({ kind: z.enum(EXPLAINED_KINDS), id: z.uuid() }),
    query: z.strictObject({ permission: Permission }),
    response: Explanation,
    live: ['grant', 'team', 'role', 'project', 'user'],
  }),
};
