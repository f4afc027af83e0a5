import type { RolloutState, TaskHealth } from '@portreeve/domain';

/** The one status vocabulary of all nouns: each tone has an icon and a colour, the word comes with the noun. */
export type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'held' | 'unknown' | 'off';

export const SERVICE_TONE = {
  healthy: 'ok',
  complete: 'ok',
  degraded: 'warn',
  down: 'bad',
  changing: 'busy',
  waiting: 'held',
  stopped: 'off',
  removing: 'busy',
  empty: 'off',
} as const satisfies Record<string, Tone>;

export const TASK_TONE = {
  ready: 'ok',
  starting: 'busy',
  waiting: 'held',
  restarting: 'warn',
  unhealthy: 'bad',
  unknown: 'unknown',
  stopping: 'busy',
  ended: 'off',
  failed: 'bad',
} as const satisfies Record<TaskHealth, Tone>;

export const ROLLOUT_TONE = {
  running: 'busy',
  paused: 'held',
  succeeded: 'ok',
  'rolling back': 'warn',
  'rolled back': 'warn',
  failed: 'bad',
  aborted: 'off',
  superseded: 'off',
} as const satisfies Record<RolloutState, Tone>;

export const SEVERITY_TONE = {
  critical: 'bad',
  warning: 'warn',
  info: 'busy',
} as const satisfies Record<string, Tone>;
