import { ExitRecord, TaskState } from '@portreeve/domain';
import { z } from 'zod';

/** One container of a task. Written before it is made, so that a crash in between leaves no stranger behind. */
export const AttemptRecord = z.object({
  attempt: z.number().int().positive(),
  name: z.string(),
  containerId: z.string().optional(),
  launchedAt: z.number(),
  /** Why this agent stops it, set before it asks the engine. */
  stopAsked: z.enum(['portreeve', 'health-check']).optional(),
  /** When it was started, by `steadyNow`. */
  startedAt: z.number().optional(),
  /** When it ended, by `steadyNow`: what follows is reckoned from here, whatever becomes of the clock. */
  endedAt: z.number().optional(),
  exit: ExitRecord.omit({ logTail: true, healthOutput: true }).optional(),
});
export type AttemptRecord = z.infer<typeof AttemptRecord>;

/** What the agent remembers of a task, beside the desired document; half of the proof that a container is ours (SPEC.md, T5). */
export const TaskRecord = z.object({
  taskId: z.uuid(),
  state: TaskState,
  since: z.number(),
  ready: z.boolean(),
  everReady: z.boolean(),
  imageReady: z.boolean(),
  /** The image brings a health check of its own. */
  imageHealthcheck: z.boolean(),
  pullFailures: z.number().int(),
  pullAgainAt: z.number().optional(),
  reason: z.string(),
  attempts: z.array(AttemptRecord),
  /** Ends of attempts by their own fault, as many as the policy counts: attempts themselves are kept no longer than that. */
  faults: z.array(z.object({ attempt: z.number().int(), at: z.number() })).default([]),
  /** A foreign container that this task replaced (SPEC.md, T9). */
  replaced: z.object({ containerId: z.string(), ended: z.boolean() }).optional(),
});
export type TaskRecord = z.infer<typeof TaskRecord>;

export const newRecord = (taskId: string, now: number): TaskRecord => ({
  taskId,
  state: 'accepted',
  since: now,
  ready: false,
  everReady: false,
  imageReady: false,
  imageHealthcheck: false,
  pullFailures: 0,
  reason: '',
  attempts: [],
  faults: [],
});

/** A pull that failed waits no longer than this before the next. */
export const LAST_PULL_WAIT_MS = 60_000;

/** Attempts kept per task; older ones are with the server. */
export const KEPT_ATTEMPTS = 20;
