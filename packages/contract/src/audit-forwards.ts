import { z } from 'zod';
import { defineRoute, IdParams, Moment, OwnListQuery, pageOf } from './route.ts';

const name = z.string().min(1).max(80);
const AuditForwardBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('syslog'),
    name,
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535).default(6514),
    /** Of the server's certificate, where the system's own do not know it. */
    caPem: z.string().max(100_000).optional(),
    allowPrivateAddress: z.boolean().default(false),
    from: z.enum(['now', 'beginning']).default('now'),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    name,
    url: z.string().max(2000),
    secret: z.string().min(16).max(200),
    allowPrivateAddress: z.boolean().default(false),
    from: z.enum(['now', 'beginning']).default('now'),
  }),
]);
export const AuditForwardView = z.object({
  id: z.string(),
  kind: z.enum(['syslog', 'webhook']),
  name: z.string(),
  target: z.string(),
  enabled: z.boolean(),
  /** Number of the last seal that was taken there. */
  sent: z.string(),
  /** How many sealed entries it has not got yet. */
  behind: z.number(),
  lastSentAt: Moment.nullable(),
  /** What the last try ended with; empty when it went well. */
  lastError: z.string(),
  nextTryAt: Moment,
  createdAt: Moment,
});

export const auditForwardRoutes = {
  list: defineRoute({
    id: 'audit-forwards.list',
    method: 'GET',
    path: '/audit-forwards',
    summary: 'Where the audit is sent to, and how far each is behind',
    permission: 'audit.read',
    query: OwnListQuery,
    response: pageOf(AuditForwardView),
    live: ['settings'],
  }),
  create: defineRoute({
    id: 'audit-forwards.create',
    method: 'POST',
    path: '/audit-forwards',
    summary: 'Send the audit there',
    permission: 'audit.edit',
    body: AuditForwardBody,
    response: AuditForwardView,
    errors: ['conflict.name'],
  }),
  hold: defineRoute({
    id: 'audit-forwards.hold',
    method: 'POST',
    path: '/audit-forwards/:id/hold',
    summary: 'Send nothing there for now',
    permission: 'audit.edit',
    params: IdParams,
    response: AuditForwardView,
  }),
  resume: defineRoute({
    id: 'audit-forwards.resume',
    method: 'POST',
    path: '/audit-forwards/:id/resume',
    summary: 'Go on where it stopped, at once',
    permission: 'audit.edit',
    params: IdParams,
    response: AuditForwardView,
  }),
  test: defineRoute({
    id: 'audit-forwards.test',
    method: 'POST',
    path: '/audit-forwards/:id/test',
    summary: 'Send a test',
    permission: 'audit.edit',
    params: IdParams,
    response: z.object({ ok: z.boolean(), text: z.string() }),
  }),
  remove: defineRoute({
    id: 'audit-forwards.remove',
    method: 'DELETE',
    path: '/audit-forwards/:id',
    summary: 'Send no more there',
    permission: 'audit.edit',
    params: IdParams,
  }),
};
