import { isHostPrivilege, Permission, ProjectPath } from '@portreeve/domain';
import { z } from 'zod';
import { defineRoute, IdParams, ListQuery, Moment, pageOf } from './route.ts';

export const ProjectView = z.object({
  id: z.string(),
  path: z.string(),
  displayName: z.string(),
  parentId: z.string().nullable(),
  version: z.number().int(),
  portFrom: z.number().int(),
  portTo: z.number().int(),
  /** Privileges of the host that an administrator allowed here and below. */
  hostPrivileges: z.array(Permission),
  /** Its tasks, and those below, run only on nodes of this project and below it. */
  ownNodesOnly: z.boolean(),
  /** What terminals show here and below is recorded. */
  recordTerminals: z.boolean(),
  stacks: z.number().int(),
  nodes: z.number().int(),
  createdAt: Moment,
});
export type ProjectView = z.infer<typeof ProjectView>;
const Ports = { portFrom: z.number().int().min(1).max(65535), portTo: z.number().int().min(1).max(65535) };
const HostPrivileges = z
  .array(Permission)
  .max(100)
  .refine((all) => all.every(isHostPrivilege), 'Only privileges of the host are allowed by project.');

export const projectRoutes = {
  list: defineRoute({
    id: 'projects.list',
    method: 'GET',
    path: '/projects',
    summary: 'The tree of projects',
    permission: 'project.read',
    query: ListQuery,
    response: pageOf(ProjectView),
    live: ['project', 'stack', 'node'],
  }),
  get: defineRoute({
    id: 'projects.get',
    method: 'GET',
    path: '/projects/:id',
    summary: 'One project',
    permission: 'project.read',
    params: IdParams,
    response: ProjectView,
    live: ['project'],
  }),
  create: defineRoute({
    id: 'projects.create',
    method: 'POST',
    path: '/projects',
    summary: 'Make a project',
    permission: 'project.edit',
    body: z.strictObject({
      path: ProjectPath,
      displayName: z.string().max(80).default(''),
      portFrom: Ports.portFrom.optional(),
      portTo: Ports.portTo.optional(),
    }),
    response: ProjectView,
    errors: ['conflict.name', 'not-found'],
  }),
  edit: defineRoute({
    id: 'projects.edit',
    method: 'PATCH',
    path: '/projects/:id',
    summary: 'Change a project',
    permission: 'project.edit',
    params: IdParams,
    body: z.strictObject({
      displayName: z.string().max(80).optional(),
      portFrom: Ports.portFrom.optional(),
      portTo: Ports.portTo.optional(),
      /** Changed only by a cluster administrator at the root. */
      hostPrivileges: HostPrivileges.optional(),
      ownNodesOnly: z.boolean().optional(),
      recordTerminals: z.boolean().optional(),
    }),
    response: ProjectView,
    conditional: true,
  }),
  remove: defineRoute({
    id: 'projects.remove',
    method: 'DELETE',
    path: '/projects/:id',
    summary: 'Remove an empty project',
    permission: 'project.edit',
    params: IdParams,
    errors: ['in-use'],
  }),
};
