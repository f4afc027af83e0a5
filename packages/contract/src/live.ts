import { z } from 'zod';

/** What can change; the database tells every server, each server runs again the watched routes that name the kind. */
export const CHANGE_KINDS = [
  'project',
  'stack',
  'service',
  'rollout',
  'task',
  'node',
  'alert',
  'event',
  'file',
  'network',
  'volume',
  'registry',
  'token',
  'session',
  'settings',
  'user',
  'team',
  'role',
  'grant',
  'directory',
] as const;
export const ChangeKind = z.enum(CHANGE_KINDS);
export type ChangeKind = z.infer<typeof ChangeKind>;

/** A hint that something changed: ids only, never data. A watch whose `:id` is none of `ids` is left alone. */
export const Change = z.object({
  kind: ChangeKind,
  ids: z.array(z.string()),
  /** Only what is said of it changed, for whoever looks at it: there is nothing to be done. */
  note: z.literal(true).optional(),
});
export type Change = z.infer<typeof Change>;

/**
 * Browser → server on the socket's default namespace: watch a GET route. The acknowledgement carries the snapshot,
 * later `delta` events carry what changed. Authorization is that of the route, asked again at each run.
 */
export const Watch = z.strictObject({
  watchId: z.string().max(60),
  route: z.string().max(60),
  params: z.record(z.string(), z.string()).default({}),
  query: z.record(z.string(), z.string()).default({}),
});
export type Watch = z.infer<typeof Watch>;

/** Why something was refused over a socket: what a problem document says over HTTP. */
const SocketRefusal = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });
export type SocketRefusal = z.infer<typeof SocketRefusal>;
export const RefusedAnswer = SocketRefusal.extend({ ok: z.literal(false) });

export const WatchAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), version: z.number().int(), snapshot: z.unknown() }),
  RefusedAnswer,
]);
export type WatchAnswer = z.infer<typeof WatchAnswer>;

/** Server → browser. `version` follows the last one by one; a gap means: watch again. */
export const WatchDelta = z.object({
  watchId: z.string(),
  version: z.number().int(),
  changes: z.array(z.unknown()),
});
export type WatchDelta = z.infer<typeof WatchDelta>;
export const WatchEnd = SocketRefusal.extend({ watchId: z.string() });
export type WatchEnd = z.infer<typeof WatchEnd>;
