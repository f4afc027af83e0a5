import { ImagePin, MOST_REPLICAS, ServiceSpec } from '@portreeve/domain';
import { z } from 'zod';
import { DEPLOY_ERRORS } from './errors.ts';
import { FailureView, RolloutSummary, RolloutView } from './rollouts.ts';
import {
  defineRoute,
  IdParams,
  ListQuery,
  Moment,
  Ordinal,
  OrdinalText,
  OwnListQuery,
  pageOf,
} from './route.ts';
import { TaskView } from './tasks.ts';

export const FieldChange = z.object({
  path: z.string(),
  from: z.unknown().optional(),
  to: z.unknown().optional(),
});
export type FieldChange = z.infer<typeof FieldChange>;

export const ReadyCount = z.object({ ready: z.number().int(), wanted: z.number().int() });
export type ReadyCount = z.infer<typeof ReadyCount>;

export const ServiceSummary = z.object({
  id: z.string(),
  name: z.string(),
  stackId: z.string(),
  stackName: z.string(),
  projectPath: z.string(),
  mode: z.enum(['replicated', 'global']),
  desired: z.enum(['running', 'stopped', 'removed']),
  count: ReadyCount,
  revision: z.number().int(),
  image: z.string(),
  digest: z.string().nullable(),
  state: z.enum(['healthy', 'degraded', 'down', 'changing', 'stopped', 'waiting', 'complete']),
  /** Cause in words when it is not healthy. */
  why: z.string(),
  changedAt: Moment,
  changedBy: z.string(),
  endpoints: z.array(z.string()),
  rollout: RolloutSummary.nullable(),
});
export type ServiceSummary = z.infer<typeof ServiceSummary>;

export const ServiceView = ServiceSummary.extend({
  version: z.number().int(),
  replicas: z.number().int(),
  waitingOn: z.array(z.string()),
  next: z.string(),
  tasks: z.array(TaskView),
  activeRollout: RolloutView.nullable(),
  /** Tasks that do not come up or do not stay, the first few; those of a rollout under way are told there. */
  failures: z.array(FailureView),
  /** Revision an undo would go to. */
  undoTo: z.object({ id: z.string(), number: z.number().int() }).nullable(),
  /** What the caller may do, for the buttons: permission → allowed. */
  may: z.record(z.string(), z.boolean()),
  hasWebhook: z.boolean(),
  dependsOn: z.array(z.string()),
  networks: z.array(z.string()),
  volumes: z.array(z.string()),
});
export type ServiceView = z.infer<typeof ServiceView>;

export const RevisionView = z.object({
  id: z.string(),
  number: z.number().int(),
  current: z.boolean(),
  image: z.string(),
  pin: ImagePin,
  /** Hosts that run the service keep it; else it is pulled again, by its digest, when the service goes back to it. */
  imageKept: z.boolean(),
  stackVersion: z.number().int(),
  createdAt: Moment,
  createdBy: z.string(),
  changes: z.array(FieldChange),
});
export type RevisionView = z.infer<typeof RevisionView>;
export const RevisionDetail = RevisionView.extend({ spec: ServiceSpec, environmentHidden: z.boolean() });

/** What one node says to a task: the filters that it fails, or how it scores. */
const PlacementRow = z.object({
  id: z.string(),
  node: z.string(),
  failed: z.array(z.object({ filter: z.string(), sentence: z.string() })),
  score: z.object({ total: z.number(), parts: z.record(z.string(), z.number()) }).nullable(),
});

const ById = { params: IdParams };
const Deploy = 'service.deploy' as const;
const started = z.object({ rollout: RolloutSummary.nullable() });

export const serviceRoutes = {
  list: defineRoute({
    id: 'services.list',
    method: 'GET',
    path: '/services',
    summary: 'Services',
    permission: 'stack.read',
    query: ListQuery.extend({
      stack: z.string().optional(),
      state: z.string().optional(),
      image: z.string().optional(),
    }),
    response: pageOf(ServiceSummary),
    live: ['service', 'task', 'rollout'],
  }),
  get: defineRoute({
    id: 'services.get',
    method: 'GET',
    path: '/services/:id',
    summary: 'One service with its tasks',
    permission: 'stack.read',
    ...ById,
    response: ServiceView,
    live: ['service', 'task', 'rollout', 'node'],
  }),
  tasks: defineRoute({
    id: 'services.tasks',
    method: 'GET',
    path: '/services/:id/tasks',
    summary: 'Tasks, ended ones too',
    permission: 'stack.read',
    ...ById,
    query: ListQuery.extend({ ended: z.enum(['yes', 'no']).default('no') }),
    response: pageOf(TaskView),
    live: ['task'],
  }),
  revisions: defineRoute({
    id: 'services.revisions',
    method: 'GET',
    path: '/services/:id/revisions',
    summary: 'Revisions, newest first',
    permission: 'stack.read',
    ...ById,
    query: ListQuery,
    response: pageOf(RevisionView),
    live: ['service'],
  }),
  revision: defineRoute({
    id: 'services.revision',
    method: 'GET',
    path: '/services/:id/revisions/:number',
    summary: 'One revision',
    permission: 'stack.read',
    params: z.strictObject({ id: z.uuid(), number: OrdinalText }),
    response: RevisionDetail,
  }),
  diff: defineRoute({
    id: 'services.diff',
    method: 'GET',
    path: '/services/:id/diff',
    summary: 'Differences between two revisions',
    permission: 'stack.read',
    ...ById,
    query: z.strictObject({ from: OrdinalText, to: OrdinalText }),
    response: z.object({ changes: z.array(FieldChange) }),
  }),
  rollouts: defineRoute({
    id: 'services.rollouts',
    method: 'GET',
    path: '/services/:id/rollouts',
    summary: 'Rollouts, newest first',
    permission: 'stack.read',
    ...ById,
    query: ListQuery,
    response: pageOf(RolloutSummary),
    live: ['rollout', 'task'],
  }),
  scale: defineRoute({
    id: 'services.scale',
    method: 'POST',
    path: '/services/:id/scale',
    summary: 'Change the number of replicas',
    permission: 'service.scale',
    ...ById,
    body: z.strictObject({ replicas: z.number().int().min(0).max(MOST_REPLICAS) }),
    response: ServiceSummary,
    conditional: false,
    errors: DEPLOY_ERRORS,
  }),
  roll: defineRoute({
    id: 'services.roll',
    method: 'POST',
    path: '/services/:id/roll',
    summary: 'Roll to any revision; undo is a roll to an old one',
    permission: Deploy,
    ...ById,
    body: z.strictObject({ revision: Ordinal.optional() }),
    response: started,
    errors: DEPLOY_ERRORS,
  }),
  restart: defineRoute({
    id: 'services.restart',
    method: 'POST',
    path: '/services/:id/restart',
    summary: 'Replace every task, by the update policy',
    permission: 'service.stop',
    ...ById,
    response: started,
    errors: DEPLOY_ERRORS,
  }),
  repull: defineRoute({
    id: 'services.repull',
    method: 'POST',
    path: '/services/:id/repull',
    summary: 'Resolve the tag anew and roll if it moved',
    permission: Deploy,
    ...ById,
    response: started,
    errors: DEPLOY_ERRORS,
  }),
  stop: defineRoute({
    id: 'services.stop',
    method: 'POST',
    path: '/services/:id/stop',
    summary: 'Stop every task',
    permission: 'service.stop',
    ...ById,
    response: ServiceSummary,
    errors: DEPLOY_ERRORS,
  }),
  start: defineRoute({
    id: 'services.start',
    method: 'POST',
    path: '/services/:id/start',
    summary: 'Start a stopped service',
    permission: 'service.stop',
    ...ById,
    response: ServiceSummary,
    errors: DEPLOY_ERRORS,
  }),
  webhook: defineRoute({
    id: 'services.webhook',
    method: 'PUT',
    path: '/services/:id/webhook',
    summary: 'Make a new webhook secret; it is shown once',
    permission: 'service.webhook',
    ...ById,
    response: z.object({ url: z.string(), token: z.string(), hmacKey: z.string() }),
  }),
  webhookRemove: defineRoute({
    id: 'services.webhook-remove',
    method: 'DELETE',
    path: '/services/:id/webhook',
    summary: 'Remove the webhook',
    permission: 'service.webhook',
    ...ById,
  }),
  webhookCall: defineRoute({
    id: 'services.webhook-call',
    method: 'POST',
    path: '/webhooks/services/:id',
    summary: 'Move the service to a tag of its present repository (bearer token or HMAC-SHA256)',
    permission: 'public',
    ...ById,
    body: z.strictObject({ tag: z.string().regex(/^[\w][\w.-]{0,127}$/) }),
    response: started,
    errors: [...DEPLOY_ERRORS, 'auth.failed', 'auth.throttled'],
  }),
  placement: defineRoute({
    id: 'services.placement',
    method: 'GET',
    path: '/services/:id/placement',
    summary: 'Node by node: what fails and what scores, computed now',
    permission: 'stack.read',
    ...ById,
    query: OwnListQuery.extend({ task: z.uuid().optional() }),
    response: pageOf(PlacementRow).extend({
      /** Of so many nodes so many fail no filter. */
      nodes: z.number().int(),
      fits: z.number().int(),
      sentence: z.string(),
      cheapestChange: z.string().optional(),
      computedAt: Moment,
      kept: z
        .object({
          taskId: z.string(),
          at: Moment,
          filters: z.array(z.object({ filter: z.string(), failed: z.number(), sentence: z.string() })),
          best: z.array(z.object({ nodeId: z.string(), nodeName: z.string(), total: z.number() })),
        })
        .nullable(),
    }),
  }),
  metrics: defineRoute({
    id: 'services.metrics',
    method: 'GET',
    path: '/services/:id/metrics',
    summary: 'Live figures of its tasks, and the last day from the hosts',
    permission: 'stack.read',
    ...ById,
    query: z.strictObject({ minutes: z.coerce.number().int().min(1).max(1440).default(60) }),
    response: z.object({
      tasks: z.array(
        z.object({
          taskId: z.string(),
          slot: z.number(),
          node: z.string(),
          cpuCores: z.number(),
          memoryBytes: z.number(),
          memoryLimitBytes: z.number().nullable(),
          receivedBytesPerSecond: z.number(),
          sentBytesPerSecond: z.number(),
        }),
      ),
      series: z.array(
        z.object({ name: z.string(), unit: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
      ),
      missing: z.array(z.string()),
    }),
  }),
};
