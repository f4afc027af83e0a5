import type { RolloutState, TaskDesired, TaskState, UpdatePolicy } from '@portreeve/domain';

/** A task as the rollout sees it. Times are milliseconds since 1970. */
export type TaskView = {
  id: string;
  slot: number;
  revisionId: string;
  nodeId?: string;
  /** The node it was made for (`NewTask.onlyNodeId`), known even before it is placed. */
  onlyNodeId?: string;
  desired: TaskDesired;
  state: TaskState;
  ready: boolean;
  readySince?: number;
  /** Told to pull and wait. */
  hold: boolean;
  imageReady: boolean;
  /** Its host has tried to bring its image and could not; it tries again. */
  pullFails?: boolean;
  createdAt: number;
  /** When its state, its hold or its image moved last. Absent: `createdAt` stands in. */
  stateSince?: number;
  /** Since when, without a break, its host could be heard. Absent: it cannot be at this moment. */
  heardSince?: number;
  endedAt?: number;
  attempts: number;
  /** When it was first ready; monitoring counts from here. Absent: `readySince` stands in. */
  firstReadyAt?: number;
  /** When its last attempt ended, or its health check last said no. Absent: taken as now. */
  lastFailureAt?: number;
  /** It was ready and is not at this moment: its health check says no, or it ended. */
  unhealthy?: boolean;
  /** Since when it is so, where nobody has said why yet. */
  unreadySince?: number;
  /** How it failed last, in words without a full stop. */
  failure?: string;
  /** Its data lives on its node: on a silent node it waits, it is not replaced. */
  hasLocalVolume: boolean;
  /** `lost` once the lease has ended and was judged; `silent` before that. */
  node: 'ready' | 'silent' | 'lost' | 'draining' | 'removed' | 'none';
  /** The task it takes the place of, set when made. */
  replaces?: string;
  /** Runs its own publish of a fixed host port: old and new cannot share a host. */
  publishesHostPort: boolean;
};

export type RevisionView = {
  id: string;
  number: number;
  update: UpdatePolicy;
  rollback: UpdatePolicy;
  oneShot: boolean;
  /** `none`: a failed task is not replaced. Absent: it is. */
  restartCondition?: 'none' | 'on-failure' | 'any';
  /** Absent: that of the service. */
  mode?: 'replicated' | 'global';
};

export type RolloutView = {
  id: string;
  state: RolloutState;
  fromRevisionId?: string;
  toRevisionId: string;
  startedAt: number;
  /** When the last batch was started; `delay` counts from its readiness. */
  lastBatchAt?: number;
  lastBatchReadyAt?: number;
  /** Slots that failed under monitor so far, each once. */
  failedSlots: number[];
  pausedReason?: string;
  /** Set once every slot is on the target: monitoring ends here. */
  allTurnedAt?: number;
  /** The person asked to restart every task even though the revision is the same. */
  restartToken?: string;
  /** A paused rollout was on its way back; resuming makes it `rolling back` again. */
  rollingBack?: boolean;
  /**
   * Only failures from this moment count: set when it turns back, and by whoever resumes it, who empties
   * `failedSlots` with it. Otherwise a slot that failed before the pause may fail again uncounted.
   */
  countFailuresSince?: number;
};

export type ServiceSnapshot = {
  service: {
    id: string;
    name: string;
    mode: 'replicated' | 'global';
    desired: 'running' | 'stopped' | 'removed';
    replicas: number;
    currentRevisionId: string;
    /** False while it has yet to start for the first time and a service it depends on does not meet its condition. */
    dependenciesMet: boolean;
    waitingFor: string[];
    /** Services whose rollouts have to end before one of this service turns anything. */
    rollsAfter: string[];
  };
  revisions: RevisionView[];
  rollout?: RolloutView;
  tasks: TaskView[];
  /** Global mode: nodes that should have a task (eligible and passing its filters). */
  globalNodeIds: string[];
  /** The same for the revision that a rollout came from, where it goes back. Absent: those above. */
  backNodeIds?: string[];
  /** Failures of each slot in a row with the time of the last, for back-off of replacements. */
  slotFailures: { slot: number; count: number; lastAt: number }[];
};

/** Why nothing happens yet, as a value that the page turns into a sentence. */
export type WaitingOn =
  | { kind: 'dependencies'; services: string[]; sentence?: string }
  | { kind: 'images'; tasks: string[]; sentence: string }
  | { kind: 'ready'; slots: number[]; sentence: string }
  | { kind: 'delay'; until: number; sentence: string }
  | { kind: 'monitor'; until: number; sentence: string }
  | { kind: 'stopping'; slots: number[]; sentence: string }
  | { kind: 'replacement-backoff'; slot: number; until: number; sentence: string }
  | { kind: 'silent-node'; slots: number[]; sentence: string }
  | { kind: 'local-volume'; slots: number[]; sentence: string }
  | { kind: 'floor'; sentence: string }
  | { kind: 'paused'; sentence: string };

/** A new task. Its id and node are chosen by the caller's placement; the slot and what it replaces are chosen here. */
export type NewTask = {
  slot: number;
  revisionId: string;
  hold: boolean;
  replaces?: string;
  onlyNodeId?: string;
  avoidNodeIds: string[];
  reason: string;
};

/** What to do now for one service. Complete: the executor chooses nothing but ids and nodes. */
export type ServicePlan = {
  create: NewTask[];
  /** Which of the old and the new task of a slot goes first; `roomMakers` asks it. */
  order: 'start-first' | 'stop-first';
  /** Lift the hold: pulled, may start now. */
  release: string[];
  stop: { taskId: string; reason: string }[];
  /** Tasks on a node whose lease ended, judged lost now. */
  lose: string[];
  /** Set only when something of it changes; then complete. A time of 0 means: not yet. */
  rollout?: {
    state: RolloutState;
    reason: string;
    failedSlots: number[];
    lastBatchAt?: number;
    lastBatchReadyAt?: number;
    allTurnedAt?: number;
    rollingBack?: boolean;
    countFailuresSince?: number;
    /** Revision the service is on after this step, when it changes (success and finished rollback). */
    currentRevisionId?: string;
  };
  /** Lines for the rollout's story. */
  events: { kind: string; text: string }[];
  waitingOn: WaitingOn[];
  /** The rule that comes next, said as a sentence. */
  next: string;
  /** Look again at this time even if nothing changes. */
  wakeAt?: number;
};
