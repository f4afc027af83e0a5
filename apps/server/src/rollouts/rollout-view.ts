import type { FailureView, RolloutSummary, RolloutView } from '@portreeve/contract';
import { isEnded, type RolloutCause, type RolloutState, type UpdatePolicy } from '@portreeve/domain';
import { rolloutProgress, type SlotProgress } from '@portreeve/planning';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { policyInWords } from '../stacks/policy-words.ts';
import type { RevisionCache } from '../stacks/revision-cache.ts';
import { failuresOfRollout } from './failures.store.ts';
import { loadServices } from './load.store.ts';
import { getRollout, nodeNames, succeededRollouts } from './rollout-view.store.ts';
import { type ServiceRows, snapshotOf } from './seen.ts';

const PHASES: Record<SlotProgress['phase'], string> = {
  old: 'on the earlier revision',
  pulling: 'pulling the image',
  starting: 'starting',
  health: 'waiting to be ready',
  monitoring: 'ready, being watched',
  done: 'done',
};

const wordsOf = (phase: SlotProgress['phase'], ready: boolean): string =>
  phase === 'old' && !ready ? `${PHASES.old}, not ready` : PHASES[phase];

const failedInWords = ({ outOfMemory, exitCode, reason }: FailureView): string => {
  if (outOfMemory) return 'out of memory';
  return exitCode === null ? reason || 'failed' : `exit code ${exitCode}`;
};

const gridOf = (
  rows: ServiceRows,
  nodeNames: ReadonlyMap<string, string>,
  failures: readonly FailureView[],
  now: number,
): RolloutView['grid'] => {
  const taskOf = new Map(rows.tasks.map((task) => [task.id, task]));
  const paused = rows.rollout?.state === 'paused' && !rows.rollout.rollingBack;
  return rolloutProgress(snapshotOf(rows), now).map(({ slot, phase, taskId, revisionId, ready, failed }) => {
    // Where the rollout stands, what failed after it was paused counts no more and is shown all the same.
    const shown = failed || (paused && phase === 'old');
    const failure = shown ? failures.find((one) => one.slot === slot) : undefined;
    if (failure)
      return {
        ...{ slot, phase: 'failed', ready, revision: failure.revision },
        ...{ taskId: failure.taskId, node: failure.node },
        text: failedInWords(failure),
      };
    const nodeId = taskOf.get(taskId ?? '')?.nodeId;
    const waits = !failed && taskId !== undefined && !nodeId;
    return {
      slot,
      phase: failed ? 'failed' : waits ? 'waiting' : phase,
      ready,
      revision: rows.revisions.get(revisionId ?? '')?.number ?? 0,
      taskId: taskId ?? null,
      node: nodeId ? { id: nodeId, name: nodeNames.get(nodeId) ?? '' } : null,
      text: failed ? 'failed' : waits ? 'waiting for a node' : wordsOf(phase, ready),
    };
  });
};

/** Mean time a slot took in rollouts of this service that succeeded, times the slots left. */
const estimate = async (
  db: Tx,
  serviceId: string,
  left: number,
  parallelism: number,
): Promise<number | undefined> => {
  const done = await succeededRollouts(db, serviceId);
  if (done.length === 0) return undefined;
  const mean =
    done.reduce(
      (sum, { startedAt, allTurnedAt }) => sum + ((allTurnedAt?.getTime() ?? 0) - startedAt.getTime()),
      0,
    ) / done.length;
  const slots = Math.max(1, left + parallelism);
  return Math.round((mean * left) / slots);
};

/** A rollout with its grid of slots and its story. Throws `not-found`. */
export const rolloutView = async (
  db: Tx,
  revisionsOf: RevisionCache,
  ctx: RequestContext,
  id: string,
): Promise<RolloutView> => {
  const row = await getRollout(db, id);
  const { service } = row;
  ctx.authorize('stack.read', service.stack.project.path);
  const revisions = await revisionsOf(db, [
    row.toRevisionId,
    ...(row.fromRevisionId ? [row.fromRevisionId] : []),
  ]);
  const target = revisions.get(row.toRevisionId);
  const ended = isEnded(row.state as RolloutState);
  const [loaded] = ended ? [] : await loadServices(db, [row.serviceId], revisionsOf);
  const rows = loaded && {
    ...loaded,
    globalNodeIds: [
      ...new Set(
        loaded.tasks.flatMap(({ nodeId, desired }) => (nodeId && desired === 'running' ? nodeId : [])),
      ),
    ],
  };
  const names = await nodeNames(
    db,
    (rows?.tasks ?? []).flatMap(({ nodeId }) => nodeId ?? []),
  );
  const failures = await failuresOfRollout(db, {
    serviceId: row.serviceId,
    since: row.startedAt,
    until: row.endedAt ?? new Date(),
    mayReadLogs: ctx.may('service.logs', service.stack.project.path),
  });
  const grid = rows ? gridOf(rows, names, failures, Date.now()) : [];
  const turned = grid.filter(({ phase }) => phase === 'done' || phase === 'monitoring').length;
  const policy = (row.rollingBack ? target?.spec.rollback : target?.spec.update) as UpdatePolicy;
  const stands = ended || row.state === 'paused';
  const estimateMs = stands
    ? undefined
    : await estimate(db, row.serviceId, grid.length - turned, policy.parallelism);
  const summary: RolloutSummary = {
    id: row.id,
    number: row.number,
    state: row.state as RolloutState,
    cause: row.cause as RolloutCause,
    causedBy: row.causedBy,
    fromRevision: revisions.get(row.fromRevisionId ?? '')?.number ?? null,
    toRevision: target?.number ?? 0,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    reason: row.reason,
    turned: ended ? (row.state === 'succeeded' ? service.replicas : 0) : turned,
    slots: ended ? service.replicas : grid.length,
  };
  return {
    ...summary,
    serviceId: service.id,
    serviceName: service.name,
    stackName: service.stack.name,
    policy: policyInWords(policy, service.replicas),
    next: ended ? '' : service.next,
    ...(estimateMs !== undefined && { estimateMs }),
    grid,
    failures,
    events: row.events.map(({ id: event, at, kind, text }) => ({
      id: event,
      at: at.toISOString(),
      kind,
      text,
    })),
  };
};
