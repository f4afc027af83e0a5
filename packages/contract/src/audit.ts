import { z } from 'zod';
import { defineRoute, ListQuery, Moment, pageOf } from './route.ts';

export const AuditView = z.object({
  id: z.string(),
  at: Moment,
  actor: z.string(),
  via: z.string(),
  address: z.string(),
  action: z.string(),
  object: z.string(),
  projectPath: z.string().nullable(),
  outcome: z.string(),
  detail: z.record(z.string(), z.unknown()),
  sealed: z.boolean(),
});
export const auditRoutes = {
  list: defineRoute({
    id: 'audit.list',
    method: 'GET',
    path: '/audit',
    summary: 'Who did what, from where, and how it ended',
    permission: 'audit.read',
    query: ListQuery.extend({
      actor: z.string().optional(),
      action: z.string().optional(),
      outcome: z.string().optional(),
      since: Moment.optional(),
      until: Moment.optional(),
    }),
    response: pageOf(AuditView),
  }),
  verify: defineRoute({
    id: 'audit.verify',
    method: 'POST',
    path: '/audit/verify',
    summary: 'Check the chain',
    permission: 'audit.read',
    response: z.object({
      ok: z.boolean(),
      entries: z.number(),
      firstBad: z.string().nullable(),
      text: z.string(),
    }),
  }),
};
