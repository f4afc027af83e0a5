import { Permission, ProjectPath } from '@portreeve/domain';
import { z } from 'zod';
import { defineRoute, IdParams, InProject, ListQuery, Moment, OwnListQuery, pageOf } from './route.ts';
import { TokenView } from './session.ts';
import { AccountName } from './users.ts';

/** The account of a program: it belongs to a project, holds grants in it, and has tokens instead of a password. */
export const ServiceAccountView = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  projectId: z.string(),
  projectPath: z.string(),
  disabledAt: Moment.nullable(),
  disabledWhy: z.string(),
  tokens: z.number().int(),
  grants: z.number().int(),
  lastUsedAt: Moment.nullable(),
  createdAt: Moment,
  version: z.number().int(),
});
export type ServiceAccountView = z.infer<typeof ServiceAccountView>;

const DisplayName = z.string().trim().max(120);

export const serviceAccountRoutes = {
  list: defineRoute({
    id: 'service-accounts.list',
    method: 'GET',
    path: '/service-accounts',
    summary: 'Service accounts of projects',
    permission: 'service-account.edit',
    query: ListQuery,
    response: pageOf(ServiceAccountView),
    live: ['user', 'token', 'grant'],
  }),
  get: defineRoute({
    id: 'service-accounts.get',
    method: 'GET',
    path: '/service-accounts/:id',
    summary: 'One service account',
    permission: 'service-account.edit',
    params: IdParams,
    response: ServiceAccountView,
    live: ['user', 'token', 'grant'],
  }),
  create: defineRoute({
    id: 'service-accounts.create',
    method: 'POST',
    path: '/service-accounts',
    summary: 'Make a service account in a project',
    permission: 'service-account.edit',
    query: InProject,
    body: z.strictObject({ name: AccountName, displayName: DisplayName.default('') }),
    response: ServiceAccountView,
    errors: ['conflict.name'],
  }),
  edit: defineRoute({
    id: 'service-accounts.edit',
    method: 'PATCH',
    path: '/service-accounts/:id',
    summary: 'Change the name shown of a service account',
    permission: 'service-account.edit',
    params: IdParams,
    body: z.strictObject({ displayName: DisplayName }),
    response: ServiceAccountView,
    conditional: true,
  }),
  disable: defineRoute({
    id: 'service-accounts.disable',
    method: 'POST',
    path: '/service-accounts/:id/disable',
    summary: 'Disable a service account: its tokens end',
    permission: 'service-account.edit',
    params: IdParams,
    body: z.strictObject({ why: z.string().trim().max(300).default('') }),
    response: ServiceAccountView,
  }),
  enable: defineRoute({
    id: 'service-accounts.enable',
    method: 'POST',
    path: '/service-accounts/:id/enable',
    summary: 'Enable a service account again; it needs new tokens',
    permission: 'service-account.edit',
    params: IdParams,
    response: ServiceAccountView,
  }),
  tokens: defineRoute({
    id: 'service-accounts.tokens',
    method: 'GET',
    path: '/service-accounts/:id/tokens',
    summary: 'Tokens of a service account',
    permission: 'service-account.edit',
    params: IdParams,
    query: OwnListQuery,
    response: pageOf(TokenView),
    live: ['token', 'user'],
  }),
  createToken: defineRoute({
    id: 'service-accounts.create-token',
    method: 'POST',
    path: '/service-accounts/:id/tokens',
    summary: 'Make a token of a service account; it is shown once, and may no more than you',
    permission: 'service-account.edit',
    params: IdParams,
    body: z.strictObject({
      name: z.string().trim().min(1).max(80),
      /** What it may at most; none: what the account was granted. */
      permissions: z.array(Permission).default([]),
      /** Where; without it the account's project. */
      projectPath: ProjectPath.optional(),
      expiresInDays: z.number().int().min(1).max(366).default(90),
    }),
    response: z.object({ token: z.string(), view: TokenView }),
  }),
  revokeToken: defineRoute({
    id: 'service-accounts.revoke-token',
    method: 'DELETE',
    path: '/service-accounts/:id/tokens/:token',
    summary: 'Revoke a token of a service account',
    permission: 'service-account.edit',
    params: z.strictObject({ id: z.uuid(), token: z.uuid() }),
  }),
};
