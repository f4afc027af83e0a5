import { isFinal, isFixedPort, type RolloutState, type TaskDesired, type TaskState } from '@portreeve/domain';
import type { RevisionView, RolloutView, ServiceSnapshot, TaskView } from '@portreeve/planning';
import type { RevisionData } from '../stacks/revision-cache.ts';
import type { TaskPlacement, TaskPort } from '../stacks/rows.ts';

/** Rows of one service, as the loop loads them. */
export type ServiceRow = {
  id: string;
  name: string;
  mode: 'replicated' | 'global';
  desired: 'running' | 'stopped' | 'removed';
  replicas: number;
  currentRevisionId: string | null;
  version: number;
  wakeAt: Date | null;
  waitingOn: unknown;
  next: string;
  stackId: string;
  stackName: string;
  projectId: string;
  projectPath: string;
};
export type TaskRow = {
  id: string;
  serviceId: string;
  revisionId: string;
  slot: number;
  nodeId: string | null;
  desired: TaskDesired;
  state: TaskState;
  ready: boolean;
  readyAt: Date | null;
  firstReadyAt: Date | null;
  unreadyAt: Date | null;
  hold: boolean;
  imageReady: boolean;
  pullFails: boolean;
  attempts: number;
  restartAt: Date | null;
  replaces: string | null;
  hasLocalVolume: boolean;
  ports: TaskPort[];
  placement: TaskPlacement;
  createdAt: Date;
  stateAt: Date;
  heardSince: Date | null;
  endedAt: Date | null;
  lastExitAt: Date | null;
  lastExitReason: string | null;
  reason: string;
  node: TaskView['node'];
};
export type RolloutRow = {
  id: string;
  serviceId: string;
  number: number;
  fromRevisionId: string | null;
  toRevisionId: string;
  state: RolloutState;
  reason: string;
  failedSlots: number[];
  restartToken: string | null;
  startedAt: Date;
  lastBatchAt: Date | null;
  lastBatchReadyAt: Date | null;
  allTurnedAt: Date | null;
  rollingBack: boolean;
  countFailuresSince: Date | null;
};
export type SiblingRow = {
  stackId: string;
  name: string;
  started: boolean;
  healthy: boolean;
  completed: boolean;
  /** A rollout of it has not ended. */
  rolling: boolean;
};
export type ServiceRows = {
  service: ServiceRow;
  tasks: TaskRow[];
  rollout: RolloutRow | undefined;
  revisions: ReadonlyMap<string, RevisionData>;
  /** Of the stacks of those that depend on another; nobody else asks. */
  siblings: SiblingRow[];
  globalNodeIds: string[];
  backNodeIds?: string[];
};

const ms = (date: Date | null): number | undefined => date?.getTime();

/** Longer causes, as engines and registries give them, are whole on the task's own page. */
const MOST_FAILURE = 200;

const causeOf = (row: TaskRow, unhealthy: boolean): string => {
  // That a task is no longer ready is often told a moment before how it ended; an end before that explains nothing.
  const isOld = unhealthy && (row.lastExitAt?.getTime() ?? 0) < (row.readyAt?.getTime() ?? 0);
  return (isOld ? '' : row.lastExitReason) || row.reason;
};

const failureOf = (cause: string, unhealthy: boolean): string => {
  const words = cause || (unhealthy ? 'it was ready and is no longer' : '');
  return words.length > MOST_FAILURE ? `${words.slice(0, MOST_FAILURE)}…` : words;
};

const taskView = (
  row: TaskRow,
  revisions: ReadonlyMap<string, RevisionData>,
  couldHearSince: number | undefined,
): TaskView => {
  const ports = revisions.get(row.revisionId)?.spec.ports ?? [];
  const endedAt = ms(row.endedAt);
  const readySince = ms(row.readyAt);
  const firstReadyAt = ms(row.firstReadyAt);
  const lastFailureAt = ms(row.lastExitAt);
  const unhealthy = row.state === 'running' && !row.ready && row.readyAt !== null && row.restartAt === null;
  const cause = causeOf(row, unhealthy);
  const failure = failureOf(cause, unhealthy);
  return {
    id: row.id,
    slot: row.slot,
    revisionId: row.revisionId,
    ...(row.nodeId && { nodeId: row.nodeId }),
    ...(row.placement.wish?.onlyNodeId && { onlyNodeId: row.placement.wish.onlyNodeId }),
    desired: row.desired,
    state: row.state,
    ready: row.ready,
    ...(readySince !== undefined && { readySince }),
    ...(firstReadyAt !== undefined && { firstReadyAt }),
    hold: row.hold,
    imageReady: row.imageReady,
    pullFails: row.pullFails,
    createdAt: row.createdAt.getTime(),
    stateSince: row.stateAt.getTime(),
    ...(row.heardSince &&
      couldHearSince !== undefined && { heardSince: Math.max(row.heardSince.getTime(), couldHearSince) }),
    ...(endedAt !== undefined && { endedAt }),
    attempts: row.attempts,
    ...(lastFailureAt !== undefined && { lastFailureAt }),
    unhealthy,
    ...(unhealthy && cause === '' && row.unreadyAt && { unreadySince: row.unreadyAt.getTime() }),
    ...(failure !== '' && { failure }),
    hasLocalVolume: row.hasLocalVolume,
    node: row.node,
    ...(row.replaces && { replaces: row.replaces }),
    publishesHostPort: ports.some(isFixedPort),
  };
};

const revisionView = ({ id, number, spec }: RevisionData): RevisionView => ({
  id,
  number,
  update: spec.update,
  rollback: spec.rollback,
  // What restarts whatever happens never ends by itself.
  oneShot: spec.restart.condition !== 'any',
  restartCondition: spec.restart.condition,
  mode: spec.mode,
});

const rolloutView = (row: RolloutRow): RolloutView => ({
  id: row.id,
  state: row.state,
  ...(row.fromRevisionId && { fromRevisionId: row.fromRevisionId }),
  toRevisionId: row.toRevisionId,
  startedAt: row.startedAt.getTime(),
  ...(row.lastBatchAt && { lastBatchAt: row.lastBatchAt.getTime() }),
  ...(row.lastBatchReadyAt && { lastBatchReadyAt: row.lastBatchReadyAt.getTime() }),
  failedSlots: row.failedSlots,
  ...(row.state === 'paused' && { pausedReason: row.reason }),
  ...(row.allTurnedAt && { allTurnedAt: row.allTurnedAt.getTime() }),
  ...(row.restartToken && { restartToken: row.restartToken }),
  rollingBack: row.rollingBack,
  ...(row.countFailuresSince && { countFailuresSince: row.countFailuresSince.getTime() }),
});

/** A task that served this long was no failed start; its end begins a new count. */
const SETTLED_MS = 60_000;

/** Failures in a row per slot, newest first, until one that had settled. */
const slotFailures = (tasks: readonly TaskRow[]): ServiceSnapshot['slotFailures'] =>
  [...Map.groupBy(tasks, ({ slot }) => slot)].flatMap(([slot, own]) => {
    const ended = own
      .filter(
        ({ state, desired, endedAt }) =>
          endedAt && desired === 'running' && isFinal(state) && state !== 'lost',
      )
      .sort((a, b) => (b.endedAt?.getTime() ?? 0) - (a.endedAt?.getTime() ?? 0));
    const settled = ended.findIndex(
      ({ state, readyAt, endedAt }) =>
        state === 'complete' ||
        (readyAt !== null && (endedAt?.getTime() ?? 0) - readyAt.getTime() > SETTLED_MS),
    );
    const failures = settled < 0 ? ended : ended.slice(0, settled + 1);
    const lastAt = failures[0]?.endedAt?.getTime();
    return lastAt === undefined ? [] : [{ slot, count: failures.length, lastAt }];
  });

/** The revision that a service is on or goes to: what its wishes are, and what it depends on. */
export const targetRevision = ({
  service,
  rollout,
  revisions,
}: Pick<ServiceRows, 'service' | 'rollout' | 'revisions'>): RevisionData | undefined =>
  revisions.get(rollout?.toRevisionId ?? service.currentRevisionId ?? '');

/** Dependencies gate the first start only, as in Compose: a service that runs does not stop for another's sake. */
const unmetDependencies = (rows: ServiceRows): string[] => {
  const { tasks, rollout, siblings } = rows;
  const isFirst = rollout !== undefined && rollout.fromRevisionId === null;
  const began = tasks.some(({ firstReadyAt, state }) => firstReadyAt !== null || state === 'complete');
  if (isFirst ? began : tasks.length > 0) return [];
  return (targetRevision(rows)?.spec.dependsOn ?? []).flatMap(({ service, condition, required }) => {
    const sibling = siblings.find(({ name }) => name === service);
    if (!sibling) return required ? [service] : [];
    const met = { started: sibling.started, healthy: sibling.healthy, completed: sibling.completed }[
      condition
    ];
    return met ? [] : [service];
  });
};

/** Services that this one is restarted with (`restart: true`) and whose own rollout has not ended: that one goes first. */
const rollsAfter = (rows: ServiceRows): string[] => {
  const rolling = new Set(rows.siblings.filter((sibling) => sibling.rolling).map(({ name }) => name));
  return (targetRevision(rows)?.spec.dependsOn ?? [])
    .filter(({ service, restart }) => restart && rolling.has(service))
    .map(({ service }) => service);
};

/**
 * The rows of one service as planning sees them. `couldHearSince`: since when, without a break, hosts could be heard at
 * all; without it nobody is taken to have been.
 */
export const snapshotOf = (rows: ServiceRows, couldHearSince?: number): ServiceSnapshot => {
  const { service, rollout, revisions, tasks } = rows;
  const waitingFor = unmetDependencies(rows);
  const own = [...revisions.values()].filter(({ serviceId }) => serviceId === service.id);
  return {
    service: {
      id: service.id,
      name: service.name,
      mode: service.mode,
      desired: service.desired,
      replicas: service.replicas,
      currentRevisionId: service.currentRevisionId ?? rollout?.toRevisionId ?? '',
      dependenciesMet: waitingFor.length === 0,
      waitingFor,
      rollsAfter: rollsAfter(rows),
    },
    revisions: own.map(revisionView),
    ...(rollout && { rollout: rolloutView(rollout) }),
    tasks: tasks.map((task) => taskView(task, revisions, couldHearSince)),
    globalNodeIds: rows.globalNodeIds,
    ...(rows.backNodeIds && { backNodeIds: rows.backNodeIds }),
    slotFailures: slotFailures(tasks),
  };
};
