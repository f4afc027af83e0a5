import { z } from 'zod';

export const RolloutState = z.enum([
  'running',
  'paused',
  'succeeded',
  'rolling back',
  'rolled back',
  'failed',
  'aborted',
  'superseded',
]);
export type RolloutState = z.infer<typeof RolloutState>;

const ENDED: ReadonlySet<RolloutState> = new Set([
  'succeeded',
  'rolled back',
  'failed',
  'aborted',
  'superseded',
]);

/** An ended rollout never changes again. */
export const isEnded = (state: RolloutState): boolean => ENDED.has(state);

/** Which buttons a rollout has, by state; GUI and server ask the same table. */
export const rolloutActions = {
  pause: ['running', 'rolling back'],
  resume: ['paused'],
  abort: ['running', 'paused', 'rolling back'],
} as const satisfies Record<string, readonly RolloutState[]>;
export type RolloutAction = keyof typeof rolloutActions;

/** True when `action` is allowed in `state`. */
export const rolloutCan = (action: RolloutAction, state: RolloutState): boolean =>
  (rolloutActions[action] as readonly RolloutState[]).includes(state);

export const RolloutCause = z.enum([
  'apply',
  'undo',
  'webhook',
  'restart',
  'repull',
  'automatic',
  'secret',
  'adopt',
]);
export type RolloutCause = z.infer<typeof RolloutCause>;
