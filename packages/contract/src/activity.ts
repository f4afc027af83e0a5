import { z } from 'zod';
import { defineRoute, ListQuery, Moment, pageOf } from './route.ts';

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
