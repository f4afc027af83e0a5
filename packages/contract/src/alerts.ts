import { z } from 'zod';
import { defineRoute, IdParams, ListQuery, Moment, OwnListQuery, pageOf } from './route.ts';

export const AlertView = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  message: z.string(),
  hint: z.string(),
  path: z.string().nullable(),
  since: Moment,
  endedAt: Moment.nullable(),
  acknowledgedBy: z.string().nullable(),
});
export type AlertView = z.infer<typeof AlertView>;
export const ChannelView = z.object({
  id: z.string(),
  kind: z.enum(['email', 'webhook']),
  name: z.string(),
  target: z.string(),
  enabled: z.boolean(),
  lastError: z.string(),
});
const ChannelBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('email'),
    name: z.string().max(80),
    to: z.string().max(300),
    smtpUrl: z.string().max(500),
    from: z.string().max(200),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    name: z.string().max(80),
    url: z.string().max(2000),
    secret: z.string().max(200).optional(),
    allowPrivateAddress: z.boolean().default(false),
  }),
]);

export const alertRoutes = {
  list: defineRoute({
    id: 'alerts.list',
    method: 'GET',
    path: '/alerts',
    summary: 'Alerts',
    permission: 'alert.read',
    query: ListQuery.extend({ open: z.enum(['yes', 'no', 'all']).default('yes') }),
    response: pageOf(AlertView),
    live: ['alert'],
  }),
  acknowledge: defineRoute({
    id: 'alerts.acknowledge',
    method: 'POST',
    path: '/alerts/:id/acknowledge',
    summary: 'I have seen it',
    permission: 'alert.edit',
    params: IdParams,
    response: AlertView,
  }),
  channels: defineRoute({
    id: 'alert-channels.list',
    method: 'GET',
    path: '/alert-channels',
    summary: 'Where alerts are sent',
    permission: 'alert.read',
    query: OwnListQuery,
    response: pageOf(ChannelView),
    live: ['alert', 'settings'],
  }),
  createChannel: defineRoute({
    id: 'alert-channels.create',
    method: 'POST',
    path: '/alert-channels',
    summary: 'Send alerts there',
    permission: 'alert.edit',
    body: ChannelBody,
    response: ChannelView,
    errors: ['conflict.name'],
  }),
  testChannel: defineRoute({
    id: 'alert-channels.test',
    method: 'POST',
    path: '/alert-channels/:id/test',
    summary: 'Send a test',
    permission: 'alert.edit',
    params: IdParams,
    response: z.object({ ok: z.boolean(), text: z.string() }),
  }),
  removeChannel: defineRoute({
    id: 'alert-channels.remove',
    method: 'DELETE',
    path: '/alert-channels/:id',
    summary: 'Send no more there',
    permission: 'alert.edit',
    params: IdParams,
  }),
};
