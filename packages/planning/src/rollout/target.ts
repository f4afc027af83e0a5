import { isEnded, UpdatePolicy } from '@portreeve/domain';
import type { RevisionView, RolloutView, ServiceSnapshot, TaskView } from './types.ts';

/**
 * Where an unfinished rollout leads at this moment. Rolling back, that is the revision it came from, under
 * the `rollback` policy of the revision that failed: who wrote the new file said in it how to leave it.
 */
export type Target = {
  rollout: RolloutView;
  revisionId: string;
  policy: UpdatePolicy;
  /** What runs elsewhere than on the target may be changed now. */
  moving: boolean;
  back: boolean;
  /** Nothing ran before: all slots start at once and there is no way back. */
  first: boolean;
  isOn: (task: TaskView) => boolean;
};

/** A revision of the snapshot by its id. */
export const revisionOf = (seen: ServiceSnapshot, id: string): RevisionView | undefined =>
  seen.revisions.find((revision) => revision.id === id);

/** The target of the snapshot's rollout; undefined when there is none or it has ended. */
export const targetOf = (seen: ServiceSnapshot): Target | undefined => {
  const { rollout } = seen;
  if (rollout === undefined || isEnded(rollout.state)) return undefined;
  const back =
    rollout.state === 'rolling back' || (rollout.state === 'paused' && rollout.rollingBack === true);
  const revisionId = back ? (rollout.fromRevisionId ?? rollout.toRevisionId) : rollout.toRevisionId;
  const policies = revisionOf(seen, rollout.toRevisionId);
  return {
    rollout,
    revisionId,
    policy: (back ? policies?.rollback : policies?.update) ?? UpdatePolicy.parse({}),
    moving: rollout.state === 'running' || rollout.state === 'rolling back',
    back,
    first: rollout.fromRevisionId === undefined,
    // A restart keeps the revision: what was made before it began is old all the same.
    isOn: (task) =>
      task.revisionId === revisionId &&
      (rollout.restartToken === undefined || task.createdAt >= rollout.startedAt),
  };
};

/** Whether the service is one task per node now: as the revision says that it is heading for. */
export const modeOf = (seen: ServiceSnapshot): ServiceSnapshot['service']['mode'] => {
  const target = targetOf(seen);
  const heading = target && revisionOf(seen, target.revisionId);
  return heading?.mode ?? seen.service.mode;
};

/**
 * Global mode: nodes of the revision that a rollout comes from and not of the one it goes to. It is the file that drops
 * them and not the nodes that went, so they are part of what the rollout does.
 */
export const nodesDropped = (seen: ServiceSnapshot, target: Target | undefined): ReadonlySet<string> => {
  const from = revisionOf(seen, target?.rollout.fromRevisionId ?? '');
  const wasGlobal = (from?.mode ?? seen.service.mode) === 'global';
  if (from === undefined || target?.back || !wasGlobal || modeOf(seen) !== 'global') return new Set();
  const wanted = new Set(seen.globalNodeIds);
  return new Set((seen.backNodeIds ?? []).filter((id) => !wanted.has(id)));
};

/** Global mode: the nodes that should have a task of the revision that the service is heading for. */
export const nodesWanted = (seen: ServiceSnapshot): string[] =>
  targetOf(seen)?.back === true ? (seen.backNodeIds ?? seen.globalNodeIds) : seen.globalNodeIds;
