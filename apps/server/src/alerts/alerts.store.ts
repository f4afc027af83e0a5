import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { publishChange } from '../live/changes.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import { DERIVED_KINDS } from './derive.store.ts';
import type { DerivedAlert } from './derived.ts';

/** Open alerts of any kind about a node that was removed: nobody hears it any more to end them. */
const aboutRemovedNodes = async (tx: Tx): Promise<string[]> => {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT a.id FROM "Alert" a JOIN "Node" n ON n.id = a."objectId"
    WHERE a."endedAt" IS NULL AND a."objectKind" = 'node' AND n."removedAt" IS NOT NULL`;
  return rows.map(({ id }) => id);
};

/** Opens what is new, brings the words of what is open up to date, ends what is over. One statement each. */
export const reconcileAlerts = async (tx: Tx, derived: readonly DerivedAlert[], now: Date): Promise<void> => {
  const open = await tx.alert.findMany({ where: { kind: { in: [...DERIVED_KINDS] }, endedAt: null } });
  const known = new Map(open.map((alert) => [alert.key, alert]));
  const keys = new Set(derived.map(({ key }) => key));
  const fresh = derived
    .filter(({ key }) => !known.has(key))
    .map((alert) => ({ id: uuid(), ...alert, since: now }));
  const over = [
    ...open.filter(({ key }) => !keys.has(key)).map(({ id }) => id),
    ...(await aboutRemovedNodes(tx)),
  ];
  const reworded = derived.flatMap((alert) => {
    const before = known.get(alert.key);
    return before && before.message !== alert.message ? [{ id: before.id, message: alert.message }] : [];
  });
  if (fresh.length > 0) await tx.alert.createMany({ data: fresh, skipDuplicates: true });
  if (over.length > 0) await tx.alert.updateMany({ where: { id: { in: over } }, data: { endedAt: now } });
  for (const { id, message } of reworded) await tx.alert.update({ where: { id }, data: { message } });
  const ids = [...fresh.map(({ id }) => id), ...over, ...reworded.map(({ id }) => id)];
  if (ids.length > 0) await publishChange(tx, { kind: 'alert', ids });
};

/**
 * A delivery for every channel that has not been told yet: of what opened, and of what ended after it was told of.
 * Alerts from before a channel was made are not its business.
 */
export const planDeliveries = async (database: Database): Promise<void> => {
  await database.prisma.$executeRaw`
    INSERT INTO "AlertDelivery" (id, "alertId", "channelId", kind, "nextTryAt")
    SELECT gen_random_uuid(), a.id, c.id, 'opened', now() FROM "Alert" a CROSS JOIN "AlertChannel" c
    WHERE c.enabled AND c."removedAt" IS NULL AND a.since > c."createdAt" AND a.since > now() - interval '1 day'
      AND a."endedAt" IS NULL
      AND NOT EXISTS (SELECT 1 FROM "AlertDelivery" d WHERE d."alertId" = a.id AND d."channelId" = c.id)`;
  await database.prisma.$executeRaw`
    INSERT INTO "AlertDelivery" (id, "alertId", "channelId", kind, "nextTryAt")
    SELECT gen_random_uuid(), d."alertId", d."channelId", 'ended', now()
    FROM "AlertDelivery" d JOIN "Alert" a ON a.id = d."alertId" JOIN "AlertChannel" c ON c.id = d."channelId"
    WHERE d.kind = 'opened' AND d."sentAt" IS NOT NULL AND a."endedAt" > now() - interval '1 day'
      AND c.enabled AND c."removedAt" IS NULL
      AND NOT EXISTS (SELECT 1 FROM "AlertDelivery" e
        WHERE e."alertId" = d."alertId" AND e."channelId" = d."channelId" AND e.kind = 'ended')`;
};

/** Keys of the open alerts of a kind. */
export const openAlertKeys = async (db: Tx, kind: string): Promise<ReadonlySet<string>> => {
  const rows = await db.alert.findMany({ where: { kind, endedAt: null }, select: { key: true } });
  return new Set(rows.map(({ key }) => key));
};

/** Nodes whose agents are connected to this server. */
export const nodesOfServer = (db: Tx, serverId: string): Promise<{ id: string; name: string }[]> =>
  db.node.findMany({ where: { removedAt: null, connectedTo: serverId }, select: { id: true, name: true } });

export type AlertRow = Awaited<ReturnType<typeof acknowledgeAlert>>;

const OPEN = {
  yes: Prisma.sql`"endedAt" IS NULL`,
  no: Prisma.sql`"endedAt" IS NOT NULL`,
  all: Prisma.sql`true`,
};

/** Whose alerts: of these projects, and those of the cluster, which belong to none. */
export type AlertScope = { projectIds: string[]; cluster: boolean };

/** A page of the alerts of these projects and of the cluster, newest first unless asked otherwise. */
export const pageOfAlerts = (
  db: Tx,
  { projectIds, cluster }: AlertScope,
  query: PageQuery & { open: keyof typeof OPEN },
) =>
  pageOfRows<AlertRow>(
    db,
    {
      rows: Prisma.sql`
        SELECT *, array_position(ARRAY['critical', 'warning', 'info'], severity) AS rank FROM "Alert"
        WHERE ${OPEN[query.open]} AND ((${cluster} AND "projectId" IS NULL) OR "projectId" = ANY(${projectIds}::uuid[]))`,
      search: ['message', 'kind'],
      sorts: { since: ['since', 'timestamptz'], severity: ['rank', 'int'], kind: ['kind', 'text'] },
      usual: ['since', 'desc'],
    },
    query,
  );

/** An alert with the path of its project, if it has one. Throws `not-found`. */
export const getAlert = async (
  db: Tx,
  id: string,
): Promise<{ row: AlertRow; projectPath: string | undefined }> => {
  const row = await db.alert.findUnique({ where: { id } });
  if (!row) throw new DomainError('not-found', 'There is no such alert.');
  const project = row.projectId ? await db.project.findUnique({ where: { id: row.projectId } }) : null;
  return { row, projectPath: project?.path };
};

/** Notes who has seen an alert. */
export const acknowledgeAlert = (tx: Tx, id: string, by: string) =>
  tx.alert.update({ where: { id }, data: { acknowledgedBy: by, acknowledgedAt: new Date() } });
