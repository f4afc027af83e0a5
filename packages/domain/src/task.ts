import { z } from 'zod';

/** Observed states in the only order in which a task may pass them. Any of them may end early. */
export const TASK_STATES = [
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'starting',
  'running',
  'stopping',
  'complete',
  'stopped',
  'failed',
  'rejected',
  'lost',
] as const;
export const TaskState = z.enum(TASK_STATES);
export type TaskState = z.infer<typeof TaskState>;

export const TaskDesired = z.enum(['running', 'stopped']);
export type TaskDesired = z.infer<typeof TaskDesired>;

/** States that a task never leaves. */
export const FINAL_TASK_STATES = [
  'complete',
  'stopped',
  'failed',
  'rejected',
  'lost',
] as const satisfies TaskState[];
const FINAL: ReadonlySet<TaskState> = new Set(FINAL_TASK_STATES);

/** A final task never moves again; a lost one seen again stays lost and its container is stopped. */
export const isFinal = (state: TaskState): boolean => FINAL.has(state);

/** True when a report may move a task from `from` to `to`: forward only, and never out of a final state. */
export const mayMove = (from: TaskState, to: TaskState): boolean =>
  !isFinal(from) && (isFinal(to) || TASK_STATES.indexOf(to) > TASK_STATES.indexOf(from));

/**
 * How an attempt's container ended; kept so that a task replaced an hour ago can still be asked why. Not strict: a
 * newer agent's record may say more.
 */
export const ExitRecord = z.object({
  attempt: z.number().int().positive(),
  containerId: z.string(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime(),
  exitCode: z.number().int().optional(),
  signal: z.string().optional(),
  outOfMemory: z.boolean(),
  /** Who ended it: itself, the agent at our wish, a failed health check, someone at the engine, or the engine's own end. */
  endedBy: z.enum(['itself', 'portreeve', 'health-check', 'outside', 'engine']),
  reason: z.string(),
  healthOutput: z.string().max(4096).optional(),
  /** Last 2 KiB of the log; the host keeps the last 64 KiB. */
  logTail: z.string().max(4096),
});
export type ExitRecord = z.infer<typeof ExitRecord>;

/** What a screen shows in one word: state, readiness and the lease of its node together. */
export const TaskHealth = z.enum([
  'ready',
  'starting',
  'waiting',
  'restarting',
  'unhealthy',
  'unknown',
  'stopping',
  'ended',
  'failed',
]);
export type TaskHealth = z.infer<typeof TaskHealth>;
