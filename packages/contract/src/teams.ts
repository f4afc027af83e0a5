import { z } from 'zod';
import { defineRoute, IdParams, Moment, OwnListQuery, pageOf } from './route.ts';
import { MembershipSource } from './users.ts';

export const TeamName = z.string().trim().min(1).max(80);
const Description = z.string().trim().max(300);

export const TeamView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  members: z.number().int(),
  /** Rules of directories that fill it. */
  rules: z.number().int(),
  grants: z.number().int(),
  createdAt: Moment,
  version: z.number().int(),
});
export type TeamView = z.infer<typeof TeamView>;

/** A person in a team, once, with every source of the membership. */
export const TeamMemberView = z.object({
  /** The account's. */
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  disabled: z.boolean(),
  since: Moment,
  sources: z.array(MembershipSource),
});
export type TeamMemberView = z.infer<typeof TeamMemberView>;

const MemberParams = z.strictObject({ id: z.uuid(), user: z.uuid() });

export const teamRoutes = {
  list: defineRoute({
    id: 'teams.list',
    method: 'GET',
    path: '/teams',
    summary: 'Teams',
    permission: 'team.read',
    query: OwnListQuery,
    response: pageOf(TeamView),
    live: ['team', 'grant'],
  }),
  get: defineRoute({
    id: 'teams.get',
    method: 'GET',
    path: '/teams/:id',
    summary: 'One team',
    permission: 'team.read',
    params: IdParams,
    response: TeamView,
    live: ['team', 'grant'],
  }),
  members: defineRoute({
    id: 'teams.members',
    method: 'GET',
    path: '/teams/:id/members',
    summary: 'Who is in a team, and by which rule or hand',
    permission: 'team.read',
    params: IdParams,
    query: OwnListQuery,
    response: pageOf(TeamMemberView),
    live: ['team', 'user'],
  }),
  create: defineRoute({
    id: 'teams.create',
    method: 'POST',
    path: '/teams',
    summary: 'Make a team',
    permission: 'team.edit',
    body: z.strictObject({ name: TeamName, description: Description.default('') }),
    response: TeamView,
    errors: ['conflict.name'],
  }),
  edit: defineRoute({
    id: 'teams.edit',
    method: 'PATCH',
    path: '/teams/:id',
    summary: 'Change the name and description of a team',
    permission: 'team.edit',
    params: IdParams,
    body: z.strictObject({ name: TeamName.optional(), description: Description.optional() }),
    response: TeamView,
    conditional: true,
    errors: ['conflict.name'],
  }),
  remove: defineRoute({
    id: 'teams.remove',
    method: 'DELETE',
    path: '/teams/:id',
    summary: 'Remove a team, its rules, and every grant to it',
    permission: 'team.edit',
    params: IdParams,
    conditional: true,
  }),
  addMember: defineRoute({
    id: 'teams.add-member',
    method: 'PUT',
    path: '/teams/:id/members/:user',
    summary: 'Put somebody into a team by hand',
    permission: 'team.edit',
    params: MemberParams,
    response: TeamMemberView,
  }),
  removeMember: defineRoute({
    id: 'teams.remove-member',
    method: 'DELETE',
    path: '/teams/:id/members/:user',
    summary: 'End a membership made by hand; those of rules stay',
    permission: 'team.edit',
    params: MemberParams,
    /** Whether they are still in the team, by rules of a directory. */
    response: z.object({ stillByRule: z.boolean() }),
  }),
};
