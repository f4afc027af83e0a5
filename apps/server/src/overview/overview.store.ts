import type { Overview } from '@portreeve/contract';
import type { Tx } from '../platform/db/database.ts';
import type { Suspect, Undo } from './needs.ts';

/** What people, hosts and services did, and which rollouts went wrong; those that went well are on the page of their service. */
const INTENTS = ['stack', 'service', 'node', 'volume'];
const OUTCOMES = ['rolling back', 'rolled back', 'failed', 'paused', 'aborted'];
const ofIntents = INTENTS.map((kind) => ({ kind: { startsWith: kind } }));

/** Alerts that are open and that nobody has acknowledged. */
export const openAlerts = (db: Tx, projectIds: string[]) =>
  db.alert.findMany({
    where: {
      ...{ endedAt: null, acknowledgedAt: null },
      OR: [{ projectId: null }, { projectId: { in: projectIds } }],
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

/** What people did and which hosts were lost, newest first: what may have brought a trouble. */
export const suspects = async (db: Tx, projectIds: string[]): Promise<Suspect[]> => {
  const rows = await db.event.findMany({
    where: {
      projectId: { in: projectIds },
      OR: [
        { actorName: { not: null }, OR: ofIntents },
        { kind: 'node', ok: false },
      ],
    },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: 200,
  });
  return rows.map(({ at, text, actorName, stackId, serviceId, nodeId }) => ({
    ...{ at: at.toISOString(), text, actor: actorName },
    ids: [stackId, serviceId, nodeId].flatMap((id) => id ?? []),
  }));
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
export const lastDay = async (db: Tx, projectIds: string[], now: Date) => {
  const begin = new Date(now.getTime() - DAY_MS);
  const notOver = [{ endedAt: null }, { endedAt: { gte: begin } }];
  const [alerts, rollouts, cluster] = await Promise.all([
    db.alert.findMany({
      where: { AND: [{ OR: notOver }, { OR: [{ projectId: null }, { projectId: { in: projectIds } }] }] },
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
