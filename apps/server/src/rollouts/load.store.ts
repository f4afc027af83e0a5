import type { Tx } from '../platform/db/database.ts';
import type { RevisionCache } from '../stacks/revision-cache.ts';
import {
  type RolloutRow,
  type ServiceRow,
  type ServiceRows,
  type SiblingRow,
  type TaskRow,
  targetRevision,
} from './seen.ts';

/** The services asked for, and those of their stacks that wait for one of them. */
const serviceRows = (db: Tx, ids: readonly string[]) => db.$queryRaw<ServiceRow[]>`
  SELECT s.id, s.name, s.mode, s.desired, s.replicas, s."currentRevisionId", s.version, s."wakeAt", s."waitingOn",
    s.next, s."stackId", k.name AS "stackName", k."projectId", p.path AS "projectPath"
  FROM "Service" s JOIN "Stack" k ON k.id = s."stackId" JOIN "Project" p ON p.id = k."projectId"
  WHERE s."removedAt" IS NULL AND (s.id = ANY(${[...ids]}::uuid[]) OR (
    s."waitingOn" @> '[{"kind":"dependencies"}]'
    AND s."stackId" IN (SELECT "stackId" FROM "Service" WHERE id = ANY(${[...ids]}::uuid[]))))
  ORDER BY s.id`;

/** What is not over, what ended lately (for back-off), and the last task of each slot however old. */
const taskRows = (db: Tx, serviceIds: readonly string[]) => db.$queryRaw<TaskRow[]>`
  SELECT t.id, t."serviceId", t."revisionId", t.slot, t."nodeId", t.desired, t.state, t.ready, t."readyAt", t."firstReadyAt",
    t."unreadyAt", t.hold, t."imageReady", t.attempts, t."restartAt", t.replaces, t."hasLocalVolume", t.ports, t.placement, t."createdAt", t."stateAt",
    t.state = 'preparing' AND NOT t."imageReady" AND t.reason <> '' AS "pullFails", t."endedAt", t.reason,
    -- A node with a lease to run out is not heard at this moment; one without is, since it connected or was heard again.
    CASE WHEN n."leaseUntil" IS NULL THEN n."lastSeenAt" END AS "heardSince",
    e."endedAt" AS "lastExitAt", e.reason AS "lastExitReason",
    CASE WHEN n.id IS NULL THEN 'none' WHEN n."removedAt" IS NOT NULL OR n.state = 'removed' THEN 'removed'
      WHEN n.state = 'lost' THEN 'lost' WHEN n.state = 'returning' OR n."leaseUntil" < now() THEN 'silent'
      WHEN n.availability = 'draining' THEN 'draining' ELSE 'ready' END AS node
  FROM "Task" t LEFT JOIN "Node" n ON n.id = t."nodeId"
  LEFT JOIN LATERAL (SELECT "endedAt", record->>'reason' AS reason FROM "TaskExit" WHERE "taskId" = t.id
    ORDER BY attempt DESC LIMIT 1) e ON true
  WHERE t."serviceId" = ANY(${[...serviceIds]}::uuid[]) AND (
    t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost') OR t."endedAt" > now() - interval '15 minutes'
    OR NOT EXISTS (SELECT 1 FROM "Task" later WHERE later."serviceId" = t."serviceId" AND later.slot = t.slot
      AND (later."createdAt", later.id) > (t."createdAt", t.id)))
  ORDER BY t."createdAt", t.id`;

const rolloutRows = (db: Tx, serviceIds: readonly string[]) => db.$queryRaw<RolloutRow[]>`
  SELECT id, "serviceId", number, "fromRevisionId", "toRevisionId", state, reason,
    coalesce("failedSlots", ARRAY[]::int[]) AS "failedSlots", "restartToken", "startedAt",
    "lastBatchAt", "lastBatchReadyAt", "allTurnedAt", "rollingBack", "countFailuresSince"
  FROM "Rollout" WHERE "serviceId" = ANY(${[...serviceIds]}::uuid[])
    AND state IN ('running', 'paused', 'rolling back')`;

/**
 * How far the services of a stack are, as who depends on them asks: every task that is wanted, as Compose does. Nobody
 * may count on one of a host that is lost, not yet reconciled or silent past its lease; what is complete stays so.
 */
const siblingRows = (db: Tx, stackIds: readonly string[]) => db.$queryRaw<SiblingRow[]>`
  WITH task AS (
    SELECT t."serviceId", t.slot, t.state = 'complete' AS complete, t.state = 'running' AS running, t.ready
    FROM "Task" t LEFT JOIN "Node" n ON n.id = t."nodeId"
    WHERE t."serviceId" IN (SELECT id FROM "Service" WHERE "stackId" = ANY(${[...stackIds]}::uuid[]))
      AND t.desired = 'running' AND t.state NOT IN ('stopped', 'failed', 'rejected', 'lost')
      AND (t.state = 'complete' OR n.id IS NULL OR (n.state = 'ready' AND coalesce(n."leaseUntil" >= now(), true)))
  ), counted AS (
    SELECT s."stackId", s.name,
      EXISTS (SELECT 1 FROM "Rollout" o WHERE o."serviceId" = s.id AND o.state IN ('running', 'paused', 'rolling back'))
        AS rolling,
      CASE WHEN s.mode = 'global' THEN greatest(1, count(DISTINCT t.slot)) ELSE s.replicas END AS wanted,
      count(DISTINCT t.slot) FILTER (WHERE t.running OR t.complete) AS started,
      count(DISTINCT t.slot) FILTER (WHERE t.running AND t.ready) AS healthy,
      count(DISTINCT t.slot) FILTER (WHERE t.complete) AS completed
    FROM "Service" s LEFT JOIN task t ON t."serviceId" = s.id
    WHERE s."stackId" = ANY(${[...stackIds]}::uuid[]) AND s."removedAt" IS NULL GROUP BY s.id
  )
  SELECT "stackId", name, started >= wanted AS started, healthy >= wanted AS healthy, completed >= wanted AS completed,
    rolling
  FROM counted`;

/**
 * Rows of these services. The services come first, the rest after them: whoever makes or stops a task raises the
 * version of its service, so a plan from older tasks never passes the commit's condition.
 */
export const loadServices = async (
  db: Tx,
  ids: readonly string[],
  revisionsOf: RevisionCache,
): Promise<Omit<ServiceRows, 'globalNodeIds'>[]> => {
  const services = await serviceRows(db, ids);
  if (services.length === 0) return [];
  const serviceIds = services.map(({ id }) => id);
  const [tasks, rollouts] = await Promise.all([taskRows(db, serviceIds), rolloutRows(db, serviceIds)]);
  const revisions = await revisionsOf(db, [
    ...services.flatMap(({ currentRevisionId }) => currentRevisionId ?? []),
    ...tasks.map(({ revisionId }) => revisionId),
    ...rollouts.flatMap(({ fromRevisionId, toRevisionId }) => [
      toRevisionId,
      ...(fromRevisionId ? [fromRevisionId] : []),
    ]),
  ]);
  const loaded = services.map((service) => {
    const rollout = rollouts.find(({ serviceId }) => serviceId === service.id);
    return { service, rollout, revisions };
  });
  const dependent = loaded.filter((rows) => (targetRevision(rows)?.spec.dependsOn ?? []).length > 0);
  const stackIds = new Set(dependent.map(({ service }) => service.stackId));
  const siblings = stackIds.size > 0 ? await siblingRows(db, [...stackIds]) : [];
  const tasksOf = Map.groupBy(tasks, ({ serviceId }) => serviceId);
  const siblingsOf = Map.groupBy(siblings, ({ stackId }) => stackId);
  return loaded.map((rows) => ({
    ...rows,
    tasks: tasksOf.get(rows.service.id) ?? [],
    siblings: siblingsOf.get(rows.service.stackId) ?? [],
  }));
};
