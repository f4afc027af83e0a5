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
export const EventView = z.object({
  id: z.string(),
  at: Moment,
  kind: z.string(),
  text: z.string(),
  ok: z.boolean(),
  actor: z.string().nullable(),
  path: z.string().nullable(),
  object: z.object({ kind: z.string(), id: z.string(), name: z.string() }).nullable(),
});
export type EventView = z.infer<typeof EventView>;

/** The one button that helps: a page to look at, or the way back from a change that the trouble followed. */
const Help = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('link'), label: z.string(), path: z.string() }),
  z.object({
    kind: z.literal('undo'),
    serviceId: z.string(),
    name: z.string(),
    from: z.number().int(),
    to: z.number().int(),
    /** Tasks that it would replace. */
    replaces: z.number().int(),
  }),
]);

export const Overview = z.object({
  /** First what needs a person: a cause in words, since when, what changed just before, and what helps. */
  needs: z.array(
    z.object({
      id: z.string(),
      severity: z.enum(['critical', 'warning', 'info']),
      text: z.string(),
      hint: z.string(),
      since: Moment,
      before: z.string(),
      help: Help.nullable(),
    }),
  ),
  /** The last day in equal cells, oldest first. */
  health: z.array(
    z.object({ from: Moment, state: z.enum(['ok', 'changing', 'warning', 'critical', 'unknown']) }),
  ),
  services: z.object({
    healthy: z.number(),
    degraded: z.number(),
    down: z.number(),
    changing: z.number(),
    stopped: z.number(),
  }),
  tasks: z.object({ ready: z.number(), wanted: z.number() }),
  nodes: z.object({ ready: z.number(), total: z.number(), unknown: z.number(), lost: z.number() }),
  capacity: z.object({
    cpus: z.object({ used: z.number().nullable(), reserved: z.number(), allocatable: z.number() }),
    memory: z.object({ used: z.number().nullable(), reserved: z.number(), allocatable: z.number() }),
    /** The disk of an engine with the least room left, relative to its size. */
    fullestDisk: z.object({ node: z.string(), used: z.number(), total: z.number() }).nullable(),
    withoutLargest: z
      .object({ node: z.string(), cpusLeft: z.number(), memoryLeft: z.number(), fits: z.boolean() })
      .nullable(),
  }),
  changes: z.array(EventView),
  certificates: z.array(z.object({ name: z.string(), expiresAt: Moment })),
  recovery: z.object({ sentence: z.string() }),
});
export type Overview = z.infer<typeof Overview>;

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

export const overviewRoutes = {
  overview: defineRoute({
    id: 'overview.get',
    method: 'GET',
    path: '/overview',
    summary: 'Is everything healthy, and if not, what',
    permission: 'stack.read',
    query: z.strictObject({ project: z.string().optional() }),
    response: Overview,
    live: ['service', 'task', 'node', 'alert', 'rollout', 'stack'],
  }),
  search: defineRoute({
    id: 'search',
    method: 'GET',
    path: '/search',
    summary: 'Find by name',
    permission: 'signed-in',
    query: z.strictObject({ q: z.string().max(100) }),
    response: z.object({
      items: z.array(
        z.object({ id: z.string(), kind: z.string(), name: z.string(), where: z.string(), path: z.string() }),
      ),
    }),
  }),
};
export const activityRoutes = {
  list: defineRoute({
    id: 'activity.list',
    method: 'GET',
    path: '/activity',
    summary: 'Intent → command → engine call → exit → health',
    permission: 'activity.read',
    query: ListQuery.extend({
      stackId: z.uuid().optional(),
      serviceId: z.uuid().optional(),
      taskId: z.uuid().optional(),
      nodeId: z.uuid().optional(),
      rolloutId: z.uuid().optional(),
      kind: z.string().optional(),
      actor: z.string().optional(),
      since: Moment.optional(),
      until: Moment.optional(),
    }),
    response: pageOf(EventView),
    live: ['event'],
  }),
};
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
export const Settings = z.object({
  clusterName: z.string().min(1).max(60),
  clusterColor: z.enum(['blue', 'red', 'green', 'orange', 'purple', 'gray']),
  /** IPv4 pool that stack networks are cut from. */
  addressPool: z.string(),
  leaseSeconds: z.number().int().min(5).max(600),
  agentAddresses: z.array(z.string()),
  sessionIdleMinutes: z.number().int().min(5).max(10_080),
  sessionHours: z.number().int().min(1).max(720),
  version: z.number().int(),
});
export type Settings = z.infer<typeof Settings>;
export const settingsRoutes = {
  get: defineRoute({
    id: 'settings.get',
    method: 'GET',
    path: '/settings',
    summary: 'Settings of the cluster',
    permission: 'settings.read',
    response: Settings.extend({
      poolConflicts: z.array(z.string()),
      servers: z.array(
        z.object({
          id: z.string(),
          url: z.string(),
          version: z.string(),
          startedAt: Moment,
          leader: z.boolean(),
        }),
      ),
      loops: z.array(
        z.object({
          name: z.string(),
          lastRunAt: Moment.nullable(),
          lastError: z.string(),
          everyMs: z.number(),
        }),
      ),
    }),
    live: ['settings'],
  }),
  edit: defineRoute({
    id: 'settings.edit',
    method: 'PATCH',
    path: '/settings',
    summary: 'Change settings',
    permission: 'settings.edit',
    body: Settings.omit({ version: true }).partial().strict(),
    response: Settings,
    conditional: true,
  }),
};
