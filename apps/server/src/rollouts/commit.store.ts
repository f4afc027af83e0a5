import { isDeepStrictEqual } from 'node:util';
import { DomainError, isEnded } from '@portreeve/domain';
import type { ServicePlan } from '@portreeve/planning';
import { v7 as uuid } from 'uuid';
import { recordEvents } from '../activity/events.store.ts';
import { raiseGenerations } from '../agents/generation.store.ts';
import { changePayloads, publishChange } from '../live/changes.ts';
import { CHANGES_CHANNEL, type Database, type Tx } from '../platform/db/database.ts';
import { finishRemovals } from './finish-removals.store.ts';
import type { Prepared, ServiceStep } from './prepare.ts';
import { storeTasks } from './tasks.store.ts';

const moment = (at: number | undefined): Date | null => (at ? new Date(at) : null);

/** Touches tasks or the rollout, so that a plan from before must not be carried out after it. */
const acts = ({ plan }: ServiceStep, prepared: Prepared, step: ServiceStep): boolean =>
  plan.create.length + plan.release.length + plan.stop.length + plan.lose.length > 0 ||
  plan.rollout !== undefined ||
  isGone(step) ||
  prepared.candidates.some(
    (candidate) => candidate.step === step && prepared.placed.decisions.get(candidate.id)?.kind === 'placed',
  );

/** A service told to go, whose last task is over. */
const isGone = ({ rows, plan }: ServiceStep): boolean =>
  rows.service.desired === 'removed' &&
  plan.create.length === 0 &&
  rows.tasks.every(
    ({ id, state, endedAt, nodeId }) =>
      endedAt !== null || plan.lose.includes(id) || (state === 'pending' && nodeId === null),
  );

// The database keeps keys of JSON in an order of its own: a note that only looks other would be written for ever.
const notes = ({ rows: { service }, plan }: ServiceStep) => ({
  changed:
    !isDeepStrictEqual(plan.waitingOn, service.waitingOn) ||
    plan.next !== service.next ||
    (plan.wakeAt ?? null) !== (service.wakeAt?.getTime() ?? null),
});

/** A service on its way back is what its earlier revision says, one task per node or so many. */
const modeTurnedTo = ({ rows: { rollout, revisions }, plan }: ServiceStep): string | null =>
  plan.rollout?.state === 'rolling back' || plan.rollout?.state === 'rolled back'
    ? (revisions.get(rollout?.fromRevisionId ?? '')?.spec.mode ?? null)
    : null;

type Claim = { step: ServiceStep; acting: boolean };

/** For pages that show what services wait for, where nothing else of them changed. */
const notedPayloads = (claims: readonly Claim[]): string[] => {
  const noted = claims.filter(({ acting }) => !acting).map(({ step }) => step.rows);
  if (noted.length === 0) return [];
  const services = noted.flatMap(({ service }) => [service.id, service.stackId]);
  const rollouts = noted.flatMap(({ rollout }) => rollout?.id ?? []);
  return changePayloads(
    { kind: 'service', ids: [...new Set(services)], note: true },
    ...(rollouts.length > 0 ? [{ kind: 'rollout' as const, ids: rollouts, note: true as const }] : []),
  );
};

/**
 * Services whose version still stands; the others moved meanwhile and are looked at again. Of those that are only noted
 * it tells by itself, in the same statement: that is most of what happens while tasks start.
 */
const claimServices = async (tx: Tx, claims: readonly Claim[]): Promise<ReadonlySet<string>> => {
  const sorted = claims.toSorted((a, b) => (a.step.rows.service.id < b.step.rows.service.id ? -1 : 1));
  const rows = sorted.map(({ step, step: { rows, plan }, acting }) => ({
    id: rows.service.id,
    version: rows.service.version,
    bump: acting ? 1 : 0,
    wakeAt: moment(plan.wakeAt)?.toISOString() ?? null,
    waitingOn: plan.waitingOn,
    next: plan.next,
    revision: plan.rollout?.currentRevisionId ?? null,
    mode: modeTurnedTo(step),
  }));
  const [claimed] = await tx.$queryRaw<{ ids: string[] | null }[]>`
    WITH wanted AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS w(id uuid, version int, bump int, "wakeAt" timestamptz, "waitingOn" jsonb, next text, revision uuid, mode text)
    ), locked AS (
      SELECT s.id FROM "Service" s JOIN wanted w ON w.id = s.id AND w.version = s.version ORDER BY s.id FOR UPDATE OF s
    ), claimed AS (
      UPDATE "Service" s SET version = s.version + w.bump, "wakeAt" = w."wakeAt", "waitingOn" = w."waitingOn",
        next = w.next, "currentRevisionId" = coalesce(w.revision, s."currentRevisionId"), mode = coalesce(w.mode, s.mode)
      FROM wanted w, locked l WHERE l.id = w.id AND s.id = w.id AND s.version = w.version RETURNING s.id
    )
    SELECT (SELECT array_agg(id) FROM claimed) AS ids,
      (SELECT count(pg_notify(${CHANGES_CHANNEL}, payload)) FROM unnest(${notedPayloads(claims)}::text[]) AS payload) AS told`;
  return new Set(claimed?.ids ?? []);
};

const releaseTasks = async (tx: Tx, plans: readonly ServicePlan[], now: Date): Promise<void> => {
  const ids = plans.flatMap(({ release }) => release);
  if (ids.length === 0) return;
  await tx.$executeRaw`UPDATE "Task" SET hold = false, "stateAt" = ${now} WHERE id = ANY(${ids}::uuid[]) AND hold`;
};

const stopTasks = async (tx: Tx, plans: readonly ServicePlan[], now: Date): Promise<void> => {
  const stops = plans.flatMap(({ stop }) => stop);
  if (stops.length === 0) return;
  // What no node was ever told of is over at once.
  await tx.$executeRaw`
    UPDATE "Task" t SET desired = 'stopped', reason = w.reason,
      state = CASE WHEN t."nodeId" IS NULL THEN 'stopped' ELSE t.state END,
      "endedAt" = CASE WHEN t."nodeId" IS NULL THEN ${now} ELSE t."endedAt" END
    FROM unnest(${stops.map(({ taskId }) => taskId)}::uuid[], ${stops.map(({ reason }) => reason)}::text[])
      AS w(id, reason)
    WHERE t.id = w.id AND t.desired = 'running'
      AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')`;
};

const loseTasks = async (tx: Tx, plans: readonly ServicePlan[], now: Date): Promise<void> => {
  const ids = plans.flatMap(({ lose }) => lose);
  if (ids.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Task" SET state = 'lost', ready = false, "stateAt" = ${now}, "endedAt" = ${now}, "restartAt" = NULL,
      reason = 'its host was lost'
    WHERE id = ANY(${ids}::uuid[]) AND state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')`;
};

const turnRollout = async (tx: Tx, { rows, plan }: ServiceStep, now: Date): Promise<void> => {
  const { rollout: seen } = rows;
  if (!seen) return;
  if (plan.rollout) {
    const { state } = plan.rollout;
    await tx.rollout.updateMany({
      where: { id: seen.id, state: seen.state },
      data: {
        state,
        reason: plan.rollout.reason,
        failedSlots: plan.rollout.failedSlots,
        lastBatchAt: moment(plan.rollout.lastBatchAt),
        lastBatchReadyAt: moment(plan.rollout.lastBatchReadyAt),
        allTurnedAt: moment(plan.rollout.allTurnedAt),
        rollingBack: plan.rollout.rollingBack ?? false,
        countFailuresSince: moment(plan.rollout.countFailuresSince),
        endedAt: isEnded(state) ? now : null,
      },
    });
  }
  if (plan.events.length > 0)
    await tx.rolloutEvent.createMany({
      data: plan.events.map((event) => ({ ...event, id: uuid(), rolloutId: seen.id, at: now })),
    });
};

const timeline = ({ rows: { service, rollout }, plan }: ServiceStep) =>
  plan.events.map(({ kind, text }) => ({
    kind: `rollout.${kind}`,
    text: `${service.name}: ${text}`,
    ok: !/fail|lost|reject|pause/.test(kind),
    projectId: service.projectId,
    stackId: service.stackId,
    serviceId: service.id,
    rolloutId: rollout?.id ?? null,
  }));

const concerned = (steps: readonly ServiceStep[]): string[] => {
  const ids = steps.flatMap(({ rows, plan }) => {
    const touched = new Set([...plan.release, ...plan.lose, ...plan.stop.map(({ taskId }) => taskId)]);
    return rows.tasks.filter(({ id }) => touched.has(id)).flatMap(({ nodeId }) => nodeId ?? []);
  });
  return [...new Set(ids)];
};

const announce = async (tx: Tx, steps: readonly ServiceStep[], taskIds: string[], nodeIds: string[]) => {
  const services = steps.flatMap(({ rows: { service } }) => [service.id, service.stackId]);
  const rollouts = steps.flatMap(({ rows: { rollout } }) => rollout?.id ?? []);
  const touched = steps.flatMap(({ plan }) => [
    ...plan.release,
    ...plan.lose,
    ...plan.stop.map(({ taskId }) => taskId),
  ]);
  const unique = (ids: string[]) => [...new Set(ids)];
  await publishChange(
    tx,
    { kind: 'service', ids: unique(services) },
    ...(rollouts.length > 0 ? [{ kind: 'rollout' as const, ids: unique(rollouts) }] : []),
    { kind: 'task', ids: unique([...taskIds, ...touched, ...nodeIds, ...services]) },
  );
};

/** Thrown inside the transaction to undo it: a node or volume changed since the placement was planned. */
const moved = () => new DomainError('conflict.version', 'A node changed while its tasks were placed.');
export const isMoved = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'conflict.version';

/**
 * Carries out what was planned for a batch of services in one transaction, each only if its version still stands.
 * Answers which were done. Throws when a node moved: then nothing was done and the placement is made again.
 */
export const commitSteps = async (
  database: Database,
  steps: readonly ServiceStep[],
  prepared: Prepared,
  now: Date,
): Promise<ReadonlySet<string>> => {
  const claims = steps.flatMap((step): Claim[] => {
    const acting = acts(step, prepared, step);
    return acting || notes(step).changed ? [{ step, acting }] : [];
  });
  if (claims.length === 0) return new Set(steps.map(({ rows }) => rows.service.id));
  const untouched = steps.filter((step) => !claims.some((claim) => claim.step === step));
  const doneWith = (claimed: ReadonlySet<string>) =>
    new Set([...claimed, ...untouched.map(({ rows }) => rows.service.id)]);
  if (claims.every(({ acting }) => !acting))
    return doneWith(await database.guard(() => claimServices(database.prisma, claims)));
  return database.transaction(async (tx) => {
    const claimed = await claimServices(tx, claims);
    const acting = claims
      .filter(({ step, acting }) => acting && claimed.has(step.rows.service.id))
      .map(({ step }) => step);
    const stored = await storeTasks(tx, prepared, new Set(acting), now);
    if (!stored) throw moved();
    const plans = acting.map(({ plan }) => plan);
    await stopTasks(tx, plans, now);
    await releaseTasks(tx, plans, now);
    await loseTasks(tx, plans, now);
    for (const step of acting) await turnRollout(tx, step, now);
    await recordEvents(tx, acting.flatMap(timeline));
    await finishRemovals(
      tx,
      acting.filter(isGone).map(({ rows }) => rows.service.id),
      now,
    );
    const nodeIds = [...new Set([...stored.nodeIds, ...concerned(acting)])];
    await raiseGenerations(tx, { nodeIds, networkIds: stored.networkIds });
    await announce(tx, acting, stored.taskIds, nodeIds);
    return doneWith(claimed);
  });
};
