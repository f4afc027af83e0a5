import { z } from 'zod';
import { EventView } from './activity.ts';
import { defineRoute, InProject, Moment } from './route.ts';

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

export const overviewRoutes = {
  overview: defineRoute({
    id: 'overview.get',
    method: 'GET',
    path: '/overview',
    summary: 'Is everything healthy, and if not, what',
    permission: 'stack.read',
    query: InProject.partial(),
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
