import { z } from 'zod';

/**
 * The bulk connection carries one log or terminal, dialled by the agent to the very server that asked
 * (SPEC.md, B1–B5). The receiver grants credit in bytes; the sender stops at zero, so bulk never floods.
 */
export const BulkHello = z.object({ streamId: z.uuid(), token: z.string(), nodeId: z.uuid() });
export type BulkHello = z.infer<typeof BulkHello>;

/** A line of a log, or a line of the task's life cycle shown inside the log. */
export const LogLine = z.object({
  at: z.iso.datetime(),
  stream: z.enum(['stdout', 'stderr', 'life']),
  taskId: z.uuid(),
  attempt: z.number().int(),
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/** agent → server. `lines` for logs, `bytes` for a terminal's output. */
export const BulkData = z.object({
  sequence: z.number().int(),
  lines: z.array(LogLine).optional(),
  bytes: z.instanceof(Uint8Array).optional(),
});
export type BulkData = z.infer<typeof BulkData>;
export const BulkEnd = z.object({ reason: z.string(), exitCode: z.number().int().optional() });
export type BulkEnd = z.infer<typeof BulkEnd>;

/** server → agent */
export const BulkCredit = z.object({ bytes: z.number().int() });
export type BulkCredit = z.infer<typeof BulkCredit>;
export const TerminalInput = z.object({ bytes: z.instanceof(Uint8Array) });
export type TerminalInput = z.infer<typeof TerminalInput>;
export const TerminalResize = z.object({ columns: z.number().int(), rows: z.number().int() });
export type TerminalResize = z.infer<typeof TerminalResize>;

export const INITIAL_CREDIT = 256 * 1024;

/** What a line weighs besides its text. */
const LINE_OVERHEAD = 100;

/**
 * Bytes of credit that a message uses up. Both sides count with this, so that what the receiver grants again
 * for what it has taken is what the sender has spent (SPEC.md, B2).
 */
export const bulkCost = (data: Pick<BulkData, 'lines' | 'bytes'>): number =>
  (data.bytes?.byteLength ?? 0) +
  (data.lines ?? []).reduce((sum, line) => sum + Buffer.byteLength(line.text) + LINE_OVERHEAD, 0);
