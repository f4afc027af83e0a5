import type { NewTask, RolloutView, ServicePlan, WaitingOn } from './types.ts';

/** What one step of the plan has to say. Steps change nothing; the plan is their sum. */
export type Part = {
  create?: NewTask[];
  release?: string[];
  stop?: ServicePlan['stop'];
  events?: ServicePlan['events'];
  waitingOn?: WaitingOn[];
  /** Moments at which time alone would change the answer. */
  wakeAt?: number[];
  rollout?: Partial<RolloutView> & { reason?: string; currentRevisionId?: string };
};

/** The parts one after the other; later rollout fields win. */
export const sumOf = (parts: Part[]): Required<Part> => ({
  create: parts.flatMap((part) => part.create ?? []),
  release: parts.flatMap((part) => part.release ?? []),
  stop: parts.flatMap((part) => part.stop ?? []),
  events: parts.flatMap((part) => part.events ?? []),
  waitingOn: parts.flatMap((part) => part.waitingOn ?? []),
  wakeAt: parts.flatMap((part) => part.wakeAt ?? []),
  rollout: Object.assign({}, ...parts.map((part) => part.rollout ?? {})),
});
