import { Permission } from '@portreeve/domain';
import { z } from 'zod';
import { defineRoute, IdParams, Moment, OwnListQuery, pageOf } from './route.ts';

const RoleName = z.string().trim().min(1).max(60);
const Description = z.string().trim().max(300);
const Permissions = z.array(Permission).max(200);

export const RoleView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Built-in roles change with the product alone. */
  builtIn: z.boolean(),
  permissions: z.array(Permission),
  copiedFrom: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** Grants of it that stand. */
  grants: z.number().int(),
  createdAt: Moment.nullable(),
  version: z.number().int(),
});
export type RoleView = z.infer<typeof RoleView>;

/** Who may do something else once a role is changed. */
export const RolePreview = z.object({
  gained: z.array(Permission),
  lost: z.array(Permission),
  /** How many people and service accounts; `affected` ends at 200. */
  people: z.number().int(),
  affected: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      displayName: z.string(),
      projectPath: z.string(),
      teamName: z.string().nullable(),
      /** What they do not have through another grant there. */
      gains: z.array(Permission),
      loses: z.array(Permission),
    }),
  ),
  /** What stands against saving it; empty when nothing does. */
  refusal: z.string(),
  sentence: z.string(),
});
export type RolePreview = z.infer<typeof RolePreview>;

export const roleRoutes = {
  list: defineRoute({
    id: 'roles.list',
    method: 'GET',
    path: '/roles',
    summary: 'Roles, built-in ones and your own',
    permission: 'role.read',
    query: OwnListQuery,
    response: pageOf(RoleView),
    live: ['role', 'grant'],
  }),
  get: defineRoute({
    id: 'roles.get',
    method: 'GET',
    path: '/roles/:id',
    summary: 'One role',
    permission: 'role.read',
    params: IdParams,
    response: RoleView,
    live: ['role', 'grant'],
  }),
  create: defineRoute({
    id: 'roles.create',
    method: 'POST',
    path: '/roles',
    summary: 'Make a role, as a copy of another or anew',
    permission: 'role.edit',
    body: z.strictObject({
      name: RoleName,
      description: Description.default(''),
      /** Without them those of `copyOf`. */
      permissions: Permissions.optional(),
      copyOf: z.uuid().optional(),
    }),
    response: RoleView,
    errors: ['conflict.name', 'not-found'],
  }),
  preview: defineRoute({
    id: 'roles.preview',
    method: 'POST',
    path: '/roles/:id/preview',
    summary: 'Who gains and who loses what, were a role changed so',
    permission: 'role.edit',
    params: IdParams,
    body: z.strictObject({ permissions: Permissions }),
    response: RolePreview,
    changesNothing: true,
  }),
  edit: defineRoute({
    id: 'roles.edit',
    method: 'PATCH',
    path: '/roles/:id',
    summary: 'Change a role of your own; it changes for everybody who holds it',
    permission: 'role.edit',
    params: IdParams,
    body: z.strictObject({
      name: RoleName.optional(),
      description: Description.optional(),
      permissions: Permissions.optional(),
    }),
    response: RoleView,
    conditional: true,
    errors: ['conflict.name'],
  }),
  remove: defineRoute({
    id: 'roles.remove',
    method: 'DELETE',
    path: '/roles/:id',
    summary: 'Remove a role of your own that is granted to nobody',
    permission: 'role.edit',
    params: IdParams,
    conditional: true,
    errors: ['in-use'],
  }),
};
