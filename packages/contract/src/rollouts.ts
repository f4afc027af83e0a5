import { RolloutCause, RolloutState } from '@portreeve/domain';
import { z } from 'zod';
import { DEPLOY_ERRORS } from './errors.ts';
import { defineRoute, IdParams, ListQuery, Moment, pageOf } from './route.ts';

export const RolloutSummary = z.object({
  id: z.string(),
  number: z.number().int(),
  state: RolloutState,
  cause: RolloutCause,
  causedBy: z.string(),
  fromRevision: z.number().int().nullable(),
  toRevision: z.number().int(),
  startedAt: Moment,
  endedAt: Moment.nullable(),
  reason: z.string(),
  turned: z.number().int(),
  slots: z.number().int(),
});
export type RolloutSummary = z.infer<typeof RolloutSummary>;

export const SlotPhase = z.enum([
  'old',
  'pulling',
  'starting',
  'health',
  'monitoring',
  'done',
  'failed',
  'waiting',
]);
/** How the newest task of a slot failed, with the last that it said. */
export const FailureView = z.object({
  taskId: z.string(),
  slot: z.number().int(),
  revision: z.number().int(),
  node: z.object({ id: z.string(), name: z.string() }).nullable(),
  at: Moment,
  attempts: z.number().int(),
  /** In words, without a full stop. */
  reason: z.string(),
  exitCode: z.number().int().nullable(),
  outOfMemory: z.boolean(),
  /** The last lines of its log. */
  log: z.string(),
  /** The last lines of its health check, where that failed. */
  health: z.string(),
});
export type FailureView = z.infer<typeof FailureView>;

export const RolloutView = RolloutSummary.extend({
  serviceId: z.string(),
  serviceName: z.string(),
  stackName: z.string(),
  /** Policy in words: "start-first, 2 at once, 10 s apart, rolls back if more than 1 fails". */
  policy: z.string(),
  next: z.string(),
  /** Milliseconds left, from measured rollouts; absent when none were. */
  estimateMs: z.number().optional(),
  grid: z.array(
    z.object({
      slot: z.number().int(),
      phase: SlotPhase,
      revision: z.number().int(),
      taskId: z.string().nullable(),
      node: z.object({ id: z.string(), name: z.string() }).nullable(),
      /** Something serves in the slot, whatever its revision. */
      ready: z.boolean(),
      text: z.string(),
    }),
  ),
  /** Slots whose new task failed, the first few, each with its cause. */
  failures: z.array(FailureView),
  events: z.array(z.object({ id: z.string(), at: Moment, kind: z.string(), text: z.string() })),
});
export type RolloutView = z.infer<typeof RolloutView>;

/** Something long that is under way. */
export const OperationView = z.object({
  id: z.string(),
  kind: z.enum(['rollout', 'drain']),
  title: z.string(),
  text: z.string(),
  progress: z.number(),
  startedAt: Moment,
  path: z.string(),
});
export type OperationView = z.infer<typeof OperationView>;

export const rolloutRoutes = {
  get: defineRoute({
    id: 'rollouts.get',
    method: 'GET',
    path: '/rollouts/:id',
    summary: 'One rollout with its grid and story',
    permission: 'stack.read',
    params: IdParams,
    response: RolloutView,
    live: ['rollout', 'task'],
  }),
  pause: defineRoute({
    id: 'rollouts.pause',
    method: 'POST',
    path: '/rollouts/:id/pause',
    summary: 'Finish what is under way, start nothing more',
    permission: 'service.deploy',
    params: IdParams,
    response: RolloutSummary,
    errors: DEPLOY_ERRORS,
  }),
  resume: defineRoute({
    id: 'rollouts.resume',
    method: 'POST',
    path: '/rollouts/:id/resume',
    summary: 'Carry on',
    permission: 'service.deploy',
    params: IdParams,
    response: RolloutSummary,
    errors: DEPLOY_ERRORS,
  }),
  abort: defineRoute({
    id: 'rollouts.abort',
    method: 'POST',
    path: '/rollouts/:id/abort',
    summary: 'End it and leave what runs as it is',
    permission: 'service.deploy',
    params: IdParams,
    response: RolloutSummary,
    errors: DEPLOY_ERRORS,
  }),
  operations: defineRoute({
    id: 'rollouts.operations',
    method: 'GET',
    path: '/operations',
    summary: 'What is running now: rollouts and drains',
    permission: 'stack.read',
    query: ListQuery,
    response: pageOf(OperationView),
    live: ['rollout', 'node', 'task'],
  }),
};
