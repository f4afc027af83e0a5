import { z } from 'zod';
import { RefusedAnswer } from './live.ts';

/**
 * Logs and terminals in the browser: socket.io namespace `/streams`, same origin, cookie and page secret as the
 * live socket. One `open` per stream; the server asks the agent to dial it, and grants credit as the page consumes.
 */
export const StreamRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('logs'),
    /** Every task of a service, or the ones named. */
    serviceId: z.uuid().optional(),
    taskIds: z.array(z.uuid()).max(200).optional(),
    follow: z.boolean().default(true),
    tail: z.number().int().min(0).max(10_000).default(200),
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
    /** Also tasks that ended within this many hours. */
    endedHours: z.number().int().min(0).max(168).default(1),
  }),
  z.strictObject({
    kind: z.literal('terminal'),
    taskId: z.uuid(),
    command: z.array(z.string()).max(32).default([]),
    columns: z.number().int().min(1).max(1000),
    rows: z.number().int().min(1).max(1000),
  }),
]);
export type StreamRequest = z.infer<typeof StreamRequest>;
export const StreamAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    streamId: z.string(),
    /** What this terminal shows is kept with the audit. */
    recorded: z.boolean().optional(),
  }),
  RefusedAnswer,
]);
export type StreamAnswer = z.infer<typeof StreamAnswer>;

export const StreamLine = z.object({
  at: z.string(),
  stream: z.enum(['stdout', 'stderr', 'life']),
  taskId: z.string(),
  slot: z.number().int(),
  revision: z.number().int(),
  attempt: z.number().int(),
  text: z.string(),
});
export type StreamLine = z.infer<typeof StreamLine>;
/** server → browser: `lines`, `bytes`, `end`; browser → server: `input`, `resize`, `consumed`, `close`, each with the stream's id first. */
export const StreamLines = z.object({ streamId: z.string(), lines: z.array(StreamLine) });
export const StreamBytes = z.object({ streamId: z.string(), bytes: z.instanceof(Uint8Array) });
export const StreamEnd = z.object({
  streamId: z.string(),
  reason: z.string(),
  exitCode: z.number().int().optional(),
});
export const StreamConsumed = z.strictObject({ streamId: z.string(), bytes: z.number().int().nonnegative() });
export const StreamInput = z.strictObject({ streamId: z.string(), bytes: z.instanceof(Uint8Array) });
export const StreamResize = z.strictObject({
  streamId: z.string(),
  columns: z.number().int(),
  rows: z.number().int(),
});
/** Browser events of `/streams` and the permission each needs; the walk over every event reads this table. */
export const STREAM_PERMISSIONS = { logs: 'service.logs', terminal: 'service.exec' } as const;
