import type { AssignedTask } from '@portreeve/agent-protocol';
import { isFinal } from '@portreeve/domain';
import type { SeenContainer } from '../engine/seen.ts';
import { type AttemptRecord, LAST_PULL_WAIT_MS, type TaskRecord } from './record.ts';
import { nextAfterExit } from './restart.ts';

/** What is known of one task at one moment. `containers` are ours by label; the record says which are ours indeed. */
export type TaskView = {
  /** Absent when the newest document does not name the task. */
  assigned: AssignedTask | undefined;
  record: TaskRecord;
  containers: readonly SeenContainer[];
  now: number;
};

/** The one next thing to do for a task. The executor does it and asks again. */
export type Action =
  | { do: 'pull' }
  | { do: 'launch'; attempt: number }
  | { do: 'start'; attempt: number }
  | { do: 'stop'; attempt: number; by: 'portreeve' | 'health-check' }
  | { do: 'settle'; attempt: number }
  | { do: 'discard'; containerId: string }
  | { do: 'end-replaced'; restart: boolean }
  | { do: 'finish'; state: 'complete' | 'stopped' | 'failed' | 'rejected'; reason: string }
  | { do: 'forget' }
  | { do: 'wait'; until?: number };

/** A pull that failed this often on a task that never ran ends it, so that it can be placed elsewhere. */
const MOST_PULL_FAILURES = 6;

const WAIT: Action = { do: 'wait' };

const containerOf = (view: TaskView, attempt: AttemptRecord): SeenContainer | undefined =>
  view.containers.find((one) =>
    attempt.containerId ? one.id === attempt.containerId : one.attempt === attempt.attempt,
  );

/** Containers of attempts whose end is on record: their log is kept, they can go. */
const leftover = (view: TaskView): Action | undefined => {
  for (const attempt of view.record.attempts) {
    const container = attempt.exit && containerOf(view, attempt);
    if (container) return { do: 'discard', containerId: container.id };
  }
  return undefined;
};

const live = (view: TaskView, last: AttemptRecord, wanted: boolean): Action => {
  const container = containerOf(view, last);
  const { attempt } = last;
  if (!container) {
    if (last.containerId !== undefined) return { do: 'settle', attempt };
    return wanted ? { do: 'launch', attempt } : { do: 'settle', attempt };
  }
  if (container.state === 'exited') return { do: 'settle', attempt };
  if (container.state === 'created') return wanted ? { do: 'start', attempt } : { do: 'settle', attempt };
  if (!wanted) return { do: 'stop', attempt, by: 'portreeve' };
  if (last.stopAsked) return { do: 'stop', attempt, by: last.stopAsked };
  if (container.health === 'unhealthy') return { do: 'stop', attempt, by: 'health-check' };
  if (view.record.ready && view.record.replaced && !view.record.replaced.ended)
    return { do: 'end-replaced', restart: false };
  return leftover(view) ?? WAIT;
};

const fetchImage = (view: TaskView): Action => {
  const { record, now } = view;
  if (record.pullFailures >= MOST_PULL_FAILURES && record.attempts.length === 0)
    return { do: 'finish', state: 'rejected', reason: record.reason };
  const again = record.pullAgainAt ?? 0;
  // One further away was written down before the clock was set back.
  const isSoon = again > now && again <= now + LAST_PULL_WAIT_MS;
  return isSoon ? { do: 'wait', until: again } : { do: 'pull' };
};

const between = (view: TaskView, assigned: AssignedTask): Action => {
  const { record, now } = view;
  const last = record.attempts.at(-1);
  const next = last
    ? nextAfterExit(assigned.spec.restart, record, now)
    : ({ kind: 'restart', at: now } as const);
  if (next.kind === 'end') return { do: 'finish', state: next.state, reason: next.reason };
  if (!record.imageReady) return fetchImage(view);
  if (assigned.hold) return leftover(view) ?? WAIT;
  if (next.at <= now) return { do: 'launch', attempt: (last?.attempt ?? 0) + 1 };
  return leftover(view) ?? { do: 'wait', until: next.at };
};

const unwanted = (view: TaskView): Action => {
  const { record } = view;
  if (!isFinal(record.state)) return { do: 'finish', state: 'stopped', reason: record.reason };
  const rest = leftover(view);
  if (rest) return rest;
  if (record.replaced && !record.replaced.ended) return { do: 'end-replaced', restart: !record.everReady };
  return view.assigned ? WAIT : { do: 'forget' };
};

/**
 * Decides the next step of one task. Pure: what to do follows from the assignment, the record, the containers
 * seen and the time (SPEC.md, T1–T9). It never names a container that is not in the record.
 */
export const decide = (view: TaskView): Action => {
  const { assigned, record } = view;
  const wanted = assigned?.desired === 'running' && record.state !== 'stopping' && !isFinal(record.state);
  const last = record.attempts.at(-1);
  if (last && !last.exit) return live(view, last, wanted);
  return wanted && assigned ? between(view, assigned) : unwanted(view);
};
