import type { Overview } from '@portreeve/contract';
import type { Tx } from '../platform/db/database.ts';

/** What people and stacks did: what "changed just before" means. */
const INTENTS = ['stack', 'service', 'rollout', 'node', 'volume'];

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

/** The newest intents, for the page and for what came before each alert. */
export const recentChanges = (db: Tx, projectIds: string[]) =>
  db.event.findMany({
    where: {
      projectId: { in: projectIds },
      OR: INTENTS.map((kind) => ({ kind: { startsWith: kind } })),
    },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: 25,
  });

/** Certificates that end within two weeks. */
export const certificatesOf = async (db: Tx): Promise<Overview['certificates']> => {
  const rows = await db.$queryRaw<{ name: string; expiresAt: Date }[]>`
    SELECT n.name, max(c."notAfter") AS "expiresAt" FROM "Node" n
    JOIN "NodeCertificate" c ON c."nodeId" = n.id AND c."revokedAt" IS NULL
    WHERE n."removedAt" IS NULL GROUP BY n.id HAVING max(c."notAfter") < now() + interval '14 days' ORDER BY 2 LIMIT 10`;
  return rows.map(({ name, expiresAt }) => ({ name, expiresAt: expiresAt.toISOString() }));
};
