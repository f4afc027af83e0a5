import { z } from 'zod';
import { defineRoute, Moment } from './route.ts';

export const Settings = z.object({
  clusterName: z.string().min(1).max(60),
  clusterColor: z.enum(['blue', 'red', 'green', 'orange', 'purple', 'gray']),
  /** IPv4 pool that stack networks are cut from. */
  addressPool: z.string(),
  leaseSeconds: z.number().int().min(5).max(600),
  agentAddresses: z.array(z.string()),
  sessionIdleMinutes: z.number().int().min(5).max(10_080),
  sessionHours: z.number().int().min(1).max(720),
  /** Administrators with a password of ours sign in with a code of an authenticator too. */
  administratorsNeedCodes: z.boolean(),
  /** Months of the audit that stay here after they ended; older ones are written out. 0 keeps all. */
  auditKeepMonths: z.number().int().min(0).max(240),
  /** Said above the form of the sign-in page, to whoever comes there: who may use this and what for. */
  signInBanner: z.string().max(2_000),
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
