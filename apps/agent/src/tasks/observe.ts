import type { AssignedTask, TaskReport } from '@portreeve/agent-protocol';
import { isFinal, mayMove, type TaskState } from '@portreeve/domain';
import type { SeenContainer } from '../engine/seen.ts';
import { onClock } from '../steady.ts';
import type { TaskRecord } from './record.ts';
import { nextAfterExit } from './restart.ts';

export type Observed = Pick<TaskReport, 'state' | 'ready' | 'restartAt'>;

/** True when a container of this task must pass a health check before it is ready. */
export const isChecked = (assigned: AssignedTask | undefined, record: TaskRecord): boolean => {
  const test = assigned?.spec.healthcheck?.test;
  return test ? test[0] !== 'NONE' : record.imageHealthcheck;
};

const isReady = (view: ObservedView): boolean => {
  const { container, record } = view;
  if (isFinal(record.state) || record.state === 'stopping' || container?.state !== 'running') return false;
  return isChecked(view.assigned, record) ? container.health === 'healthy' : container.health !== 'unhealthy';
};

const stateNow = (view: ObservedView): TaskState => {
  const last = view.record.attempts.at(-1);
  if (last?.stopAsked === 'portreeve') return 'stopping';
  if (view.container?.state === 'running' || view.container?.state === 'paused') return 'running';
  return view.record.state;
};

export type ObservedView = {
  assigned: AssignedTask | undefined;
  record: TaskRecord;
  /** The container of the latest attempt. */
  container: SeenContainer | undefined;
  now: number;
};

const restartAt = (view: ObservedView): string | undefined => {
  const { assigned, record, now } = view;
  if (!assigned || isFinal(record.state) || !record.attempts.at(-1)?.exit) return undefined;
  const next = nextAfterExit(assigned.spec.restart, record, now);
  return next.kind === 'restart' && next.at > now ? onClock(next.at).toISOString() : undefined;
};

/** State and readiness of a task as seen now; never a step back from what was reported before (SPEC.md, T1). */
export const observe = (view: ObservedView): Observed => {
  const seen = stateNow(view);
  const state = mayMove(view.record.state, seen) ? seen : view.record.state;
  return {
    state,
    ready: isReady({ ...view, record: { ...view.record, state } }),
    restartAt: restartAt(view),
  };
};
