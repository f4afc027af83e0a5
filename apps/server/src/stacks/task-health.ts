import { isFinal, type TaskHealth, type TaskState } from '@portreeve/domain';

export type HealthFacts = {
  state: TaskState;
  desired: string;
  ready: boolean;
  wasReady: boolean;
  hold: boolean;
  restartAt: Date | null;
  nodeSilent: boolean;
};

/** One word for a screen. An unheard node makes a task unknown, never running or stopped. */
export const taskHealth = (task: HealthFacts): TaskHealth => {
  if (task.state === 'complete' || task.state === 'stopped') return 'ended';
  if (isFinal(task.state)) return 'failed';
  if (task.nodeSilent) return 'unknown';
  if (task.desired === 'stopped' || task.state === 'stopping') return 'stopping';
  if (task.state === 'pending' || task.hold) return 'waiting';
  if (task.state !== 'running') return 'starting';
  if (task.ready) return 'ready';
  if (task.restartAt) return 'restarting';
  return task.wasReady ? 'unhealthy' : 'starting';
};
