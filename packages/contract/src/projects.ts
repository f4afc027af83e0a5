import { ProjectPath } from '@portreeve/domain';
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
  stacks: z.number().int(),
  nodes: z.number().int(),
  createdAt: Moment,
});
export type ProjectView = z.infer<typeof ProjectView>;
const Ports = { portFrom: z.number().int().min(1).max(65535), portTo: z.number().int().min(1).max(65535) };

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
