import { ExitRecord, TaskDesired, TaskHealth, TaskState } from '@portreeve/domain';
import { z } from 'zod';
import { HOST_ERRORS } from './errors.ts';
import { defineRoute, IdParams, Moment, OrdinalText } from './route.ts';

export const TaskView = z.object({
  id: z.string(),
  slot: z.number().int(),
  serviceId: z.string(),
  serviceName: z.string(),
  stackName: z.string(),
  revisionId: z.string(),
  revision: z.number().int(),
  node: z.object({ id: z.string(), name: z.string() }).nullable(),
  desired: TaskDesired,
  state: TaskState,
  ready: z.boolean(),
  health: TaskHealth,
  /** Since when it is in this state. */
  since: Moment,
  createdAt: Moment,
  endedAt: Moment.nullable(),
  restarts: z.number().int(),
  restartAt: Moment.nullable(),
  /** Why, in a sentence. */
  reason: z.string(),
  lastExit: z
    .object({
      at: Moment,
      exitCode: z.number().int().nullable(),
      outOfMemory: z.boolean(),
      reason: z.string(),
    })
    .nullable(),
  addresses: z.array(z.string()),
  ports: z.array(z.object({ target: z.number(), published: z.number(), protocol: z.string() })),
});
export type TaskView = z.infer<typeof TaskView>;

export const taskRoutes = {
  get: defineRoute({
    id: 'tasks.get',
    method: 'GET',
    path: '/tasks/:id',
    summary: 'One task with its exits and placement',
    permission: 'stack.read',
    params: IdParams,
    response: TaskView.extend({
      exits: z.array(ExitRecord),
      placement: z.object({
        filters: z.array(z.object({ filter: z.string(), failed: z.number(), sentence: z.string() })),
        best: z.array(z.object({ nodeId: z.string(), nodeName: z.string(), total: z.number() })),
      }),
    }),
    live: ['task'],
  }),
  exitLog: defineRoute({
    id: 'tasks.exit-log',
    method: 'GET',
    path: '/tasks/:id/exits/:attempt/log',
    summary: "The last 64 KiB of an attempt's log, from its host",
    permission: 'service.logs',
    params: z.strictObject({ id: z.uuid(), attempt: OrdinalText }),
    response: z.object({ found: z.boolean(), text: z.string() }),
    errors: [...HOST_ERRORS, 'conflict.state'],
  }),
  inspect: defineRoute({
    id: 'tasks.inspect',
    method: 'GET',
    path: '/tasks/:id/inspect',
    summary: 'What the engine says of its container, without secrets',
    permission: 'service.env.read',
    params: IdParams,
    response: z.object({ json: z.string() }),
    errors: [...HOST_ERRORS, 'conflict.state'],
  }),
};
