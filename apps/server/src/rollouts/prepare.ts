import {
  type Freed,
  type NewTask,
  type PlacementDecision,
  type PlacementNode,
  roomMakers,
  type ServicePlan,
} from '@portreeve/planning';
import { type PlacedAll, placeAll, type Wish } from '../placement/place.ts';
import { freedBy, placementRequest } from '../placement/request.ts';
import type { RevisionData } from '../stacks/revision-cache.ts';
import type { FilePin, TaskPlacement, TaskVolume } from '../stacks/rows.ts';
import type { VolumeRow } from '../volumes/volumes.store.ts';
import type { ServiceRows, TaskRow } from './seen.ts';

/** One service with what is to be done for it. */
export type ServiceStep = { rows: ServiceRows; plan: ServicePlan };

/** A task to be made, or one made before that no node fitted yet. */
export type Candidate = {
  id: string;
  step: ServiceStep;
  revision: RevisionData;
  wish: Omit<NewTask, 'hold' | 'reason'> & { hold: boolean; reason: string };
  waiting: boolean;
  volumes: TaskVolume[];
  /** A container of a foreign Compose project whose place it takes. */
  replacesContainer?: string;
};
/** A further copy of a declared volume: a global service has one on each node. */
export type VolumeCopy = { id: string; of: VolumeRow; nodeId: string };
export type Prepared = {
  candidates: Candidate[];
  placed: PlacedAll;
  copies: VolumeCopy[];
};

/** Names of the spec's volumes and the objects they are bound to. */
export const volumePins = (revision: RevisionData): FilePin[] => {
  const used = new Set(
    revision.spec.mounts.flatMap((m) => (m.kind === 'volume' && m.source ? m.source : [])),
  );
  return revision.filePins.filter(({ kind, source }) => kind === 'volume' && used.has(source));
};

/** Networks that tasks of a revision join, by id. */
export const networkIds = ({ filePins }: RevisionData): string[] =>
  filePins.flatMap(({ kind, objectId }) => (kind === 'network' ? objectId : []));

const waitingWish = (task: TaskRow): Candidate['wish'] => ({
  slot: task.slot,
  revisionId: task.revisionId,
  hold: task.hold,
  reason: '',
  ...(task.replaces && { replaces: task.replaces }),
  avoidNodeIds: task.placement.wish?.avoidNodeIds ?? [],
  ...(task.placement.wish?.onlyNodeId && { onlyNodeId: task.placement.wish.onlyNodeId }),
});

/** New tasks of the plan, and those that still wait for a node and that the plan does not stop. */
export const candidatesOf = (step: ServiceStep, newId: () => string): Candidate[] => {
  const stopped = new Set([...step.plan.stop.map(({ taskId }) => taskId), ...step.plan.lose]);
  const candidate = (id: string, wish: Candidate['wish'], waiting: boolean): Candidate[] => {
    const revision = step.rows.revisions.get(wish.revisionId);
    return revision ? [{ id, step, revision, wish, waiting, volumes: [] }] : [];
  };
  const waiting = step.rows.tasks.filter(
    ({ id, state, desired, nodeId }) =>
      state === 'pending' && desired === 'running' && nodeId === null && !stopped.has(id),
  );
  return [
    ...waiting.flatMap((task) => candidate(task.id, waitingWish(task), true)),
    ...step.plan.create.flatMap((wish) => candidate(newId(), wish, false)),
  ];
};

const freedFor = ({ id, step, wish }: Candidate): Freed[] =>
  roomMakers(step.rows.tasks, { id, slot: wish.slot, hold: wish.hold }, step.plan).flatMap(
    ({ nodeId, revisionId, ports }) => {
      const reservations = step.rows.revisions.get(revisionId)?.spec.reservations ?? {};
      return nodeId ? [freedBy({ nodeId, reservations, ports })] : [];
    },
  );

type Bound = { bound: { name: string; nodeId: string }[]; unbound: Wish['unboundVolumes'] };

/** Decides which volume objects a task uses, and where they are. */
const bindTo = (
  candidate: Candidate,
  volumes: readonly VolumeRow[],
  copies: VolumeCopy[],
  newId: () => string,
): Bound => {
  const result: Bound = { bound: [], unbound: [] };
  const { onlyNodeId } = candidate.wish;
  const isGlobal = candidate.revision.spec.mode === 'global';
  for (const { source, objectId } of volumePins(candidate.revision)) {
    const declared = volumes.find(({ id }) => id === objectId);
    if (!declared) continue;
    if (isGlobal && onlyNodeId) {
      const family = volumes.filter(
        ({ stackId, name }) => stackId === declared.stackId && name === declared.name,
      );
      const here = family.find(({ nodeId }) => nodeId === onlyNodeId);
      const id = here?.id ?? newId();
      if (!here) copies.push({ id, of: declared, nodeId: onlyNodeId });
      candidate.volumes.push({ source, volumeId: id });
      continue;
    }
    candidate.volumes.push({ source, volumeId: objectId });
    if (declared.nodeId) result.bound.push({ name: source, nodeId: declared.nodeId });
    else result.unbound.push({ id: objectId, name: source });
  }
  return result;
};

/** Chooses nodes, ports and volumes for every candidate of the batch in one plan. */
export const prepare = (
  candidates: Candidate[],
  nodes: PlacementNode[],
  volumes: readonly VolumeRow[],
  newId: () => string,
): Prepared => {
  const copies: VolumeCopy[] = [];
  const manyNodes = nodes.length > 1;
  const wishes = candidates.map((candidate): Wish => {
    const { bound, unbound } = bindTo(candidate, volumes, copies, newId);
    const { service } = candidate.step.rows;
    const request = placementRequest({
      taskId: candidate.id,
      service: { id: service.id, name: service.name, projectPath: service.projectPath },
      slot: candidate.wish.slot,
      spec: candidate.revision.spec,
      pin: candidate.revision.pin,
      volumes: bound,
      onlyNodeId: candidate.wish.onlyNodeId,
      avoidNodeIds: candidate.wish.avoidNodeIds,
      freed: freedFor(candidate),
      manyNodes,
    });
    return { request, unboundVolumes: unbound };
  });
  return { candidates, placed: placeAll(wishes, nodes), copies };
};

/** What is kept with the task of why it went there. */
export const placementKept = (decision: PlacementDecision, wish: Candidate['wish']): TaskPlacement => ({
  filters: decision.filters,
  best:
    decision.kind === 'placed'
      ? decision.best.map(({ nodeId, nodeName, total }) => ({ nodeId, nodeName, total }))
      : [],
  wish: {
    avoidNodeIds: wish.avoidNodeIds,
    ...(wish.onlyNodeId && { onlyNodeId: wish.onlyNodeId }),
  },
});
