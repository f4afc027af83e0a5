import type { Overview } from '@portreeve/contract';
import { FINAL_TASK_STATES } from '@portreeve/domain';
import type { FilterCount } from '@portreeve/planning';
import type { AlertScope } from '../alerts/alerts.store.ts';
import type { Tx } from '../platform/db/database.ts';
import { type Cause, causeOf } from './cause.ts';
import { SLACK_MS, SUSPECT_MS, type Suspect, type Undo } from './needs.ts';

/** What people, hosts and services did, and which rollouts went wrong; those that went well are on the page of their service. */
const INTENTS = ['stack', 'service', 'node', 'volume'];
const OUTCOMES = ['rolling back', 'rolled back', 'failed', 'paused', 'aborted'];
const ofIntents = INTENTS.map((kind) => ({ kind: { startsWith: kind } }));

/** Alerts that are open and that nobody has acknowledged. */
export const openAlerts = (db: Tx, { projectIds, cluster }: AlertScope) =>
  db.alert.findMany({
    where: {
      ...{ endedAt: null, acknowledgedAt: null },
      OR: [...(cluster ? [{ projectId: null }] : []), { projectId: { in: projectIds } }],
    },
    orderBy: { since: 'desc' },
    take: 100,
  });

/** The newest of them, for the page. */
export const recentChanges = (db: Tx, projectIds: string[]) =>
  db.event.findMany({
    where: {
      projectId: { in: projectIds },
      OR: [...ofIntents, { kind: { in: OUTCOMES.map((outcome) => `rollout.${outcome}`) } }],
    },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: 12,
  });

/** More than these in an hour tell nothing about each other; so many troubles are asked about, the newest first. */
const MOST_SUSPECTS = 100;
const MOST_TROUBLES = 100;

/**
 * What people did and which hosts were lost shortly before each of these moments, newest first: what may have brought a
 * trouble. However old the trouble is, and whatever came after it.
 */
export const suspects = async (
  db: Tx,
  projectIds: string[],
  moments: readonly string[],
): Promise<Suspect[]> => {
  const times = [...new Set(moments)]
    .sort()
    .reverse()
    .slice(0, MOST_TROUBLES)
    .map((at) => new Date(at));
  if (times.length === 0) return [];
  const like = INTENTS.map((kind) => `${kind}%`);
  const rows = await db.$queryRaw<(Omit<Suspect, 'at' | 'ids'> & { at: Date; ids: string[] })[]>`
    SELECT DISTINCT ON (e.at, e.id) e.at, e.text, e."actorName" AS actor,
      array_remove(ARRAY[e."stackId", e."serviceId", e."nodeId"], NULL)::text[] AS ids
    FROM unnest(${times}::timestamptz[]) AS trouble(at) CROSS JOIN LATERAL (
      SELECT * FROM "Event" v
      WHERE v.at BETWEEN trouble.at - ${SUSPECT_MS} * interval '1 ms' AND trouble.at + ${SLACK_MS} * interval '1 ms'
        AND v."projectId" = ANY(${projectIds}::uuid[]) AND (v."actorName" IS NOT NULL OR (v.kind = 'node' AND NOT v.ok))
        AND v.kind LIKE ANY(${like})
      ORDER BY v.at DESC, v.id DESC LIMIT ${MOST_SUSPECTS}) AS e
    ORDER BY e.at DESC, e.id DESC`;
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
};

/** By service: what keeps its tasks from a node, and how many of them. */
export const causesOf = async (db: Tx, serviceIds: string[]): Promise<ReadonlyMap<string, Cause>> => {
  if (serviceIds.length === 0) return new Map();
  const rows = await db.$queryRaw<
    { serviceId: string; reason: string; filters: FilterCount[] | null; tasks: number }[]
  >`
    SELECT DISTINCT ON (t."serviceId") t."serviceId", t.reason, t.placement->'filters' AS filters,
      (count(*) OVER (PARTITION BY t."serviceId"))::int AS tasks
    FROM "Task" t WHERE t."serviceId" = ANY(${serviceIds}::uuid[])
      AND t.state = 'pending' AND t."nodeId" IS NULL AND t.desired = 'running'
    ORDER BY t."serviceId", t.slot, t.id`;
  return new Map(
    rows.map(({ serviceId, filters, ...row }) => [serviceId, causeOf({ ...row, filters: filters ?? [] })]),
  );
};

/** By service: the lost node that a task of it waits for, since its data is there. */
export const waitingForNodes = async (db: Tx, serviceIds: string[]): Promise<ReadonlyMap<string, string>> => {
  if (serviceIds.length === 0) return new Map();
  const rows = await db.task.findMany({
    where: {
      ...{ serviceId: { in: serviceIds }, desired: 'running', state: { notIn: [...FINAL_TASK_STATES] } },
      nodeId: { not: null },
    },
    select: { serviceId: true, nodeId: true },
  });
  return new Map(rows.flatMap(({ serviceId, nodeId }) => (nodeId ? [[serviceId, nodeId] as const] : [])));
};

/** Certificates of the nodes of these projects that end within two weeks. */
export const certificatesOf = async (db: Tx, projectIds: string[]): Promise<Overview['certificates']> => {
  const rows = await db.$queryRaw<{ name: string; expiresAt: Date }[]>`
    SELECT n.name, max(c."notAfter") AS "expiresAt" FROM "Node" n
    JOIN "NodeCertificate" c ON c."nodeId" = n.id AND c."revokedAt" IS NULL
    WHERE n."removedAt" IS NULL AND n."projectId" = ANY(${projectIds}::uuid[]) GROUP BY n.id HAVING max(c."notAfter") < now() + interval '14 days' ORDER BY 2 LIMIT 10`;
  return rows.map(({ name, expiresAt }) => ({ name, expiresAt: expiresAt.toISOString() }));
};

const DAY_MS = 86_400_000;

/** What the health strip is drawn from: alerts and rollouts of the last day, and since when there is a cluster. */
export const lastDay = async (db: Tx, { projectIds, cluster: whole }: AlertScope, now: Date) => {
  const begin = new Date(now.getTime() - DAY_MS);
  const notOver = [{ endedAt: null }, { endedAt: { gte: begin } }];
  const [alerts, rollouts, cluster] = await Promise.all([
    db.alert.findMany({
      where: {
        AND: [
          { OR: notOver },
          { OR: [...(whole ? [{ projectId: null }] : []), { projectId: { in: projectIds } }] },
        ],
      },
      select: { since: true, endedAt: true, severity: true },
    }),
    db.rollout.findMany({
      where: { OR: notOver, service: { stack: { projectId: { in: projectIds } } } },
      select: { startedAt: true, endedAt: true },
    }),
    db.cluster.findFirst({ select: { createdAt: true } }),
  ]);
  return {
    alerts,
    rollouts: rollouts.map(({ startedAt, endedAt }) => ({ since: startedAt, endedAt })),
    begun: cluster?.createdAt ?? now,
  };
};

/** The services that alerts speak of: their own, or that of their rollout. */
export const serviceIdsOf = async (
  db: Tx,
  alerts: readonly { id: string; objectKind: string | null; objectId: string | null }[],
): Promise<ReadonlyMap<string, string>> => {
  const rolloutIds = alerts.flatMap(({ objectKind, objectId }) =>
    objectKind === 'rollout' && objectId ? [objectId] : [],
  );
  const rollouts = await db.rollout.findMany({
    where: { id: { in: rolloutIds } },
    select: { id: true, serviceId: true },
  });
  const ofRollout = new Map(rollouts.map(({ id, serviceId }) => [id, serviceId]));
  return new Map(
    alerts.flatMap(({ id, objectKind, objectId }) => {
      const serviceId = objectKind === 'service' ? objectId : ofRollout.get(objectId ?? '');
      return serviceId ? [[id, serviceId] as const] : [];
    }),
  );
};

/** The last change of each service that can still be undone; none where it is on its way back. */
export const undosOf = (db: Tx, serviceIds: string[]) =>
  db.$queryRaw<(Omit<Undo, 'replaces' | 'changedAt'> & { changedAt: Date })[]>`
    SELECT * FROM (
      SELECT DISTINCT ON (o."serviceId") o."serviceId", s.name, t.number AS "from", f.number AS "to",
        o."startedAt" AS "changedAt", o.state, o."rollingBack"
      FROM "Rollout" o JOIN "Service" s ON s.id = o."serviceId"
      JOIN "Revision" t ON t.id = o."toRevisionId" JOIN "Revision" f ON f.id = o."fromRevisionId"
      WHERE o."serviceId" = ANY(${serviceIds}::uuid[]) AND o."fromRevisionId" <> o."toRevisionId"
        AND s.desired = 'running' AND s."removedAt" IS NULL
      ORDER BY o."serviceId", o.number DESC) AS last
    WHERE state IN ('running', 'paused', 'succeeded', 'failed', 'aborted') AND NOT "rollingBack"`;
