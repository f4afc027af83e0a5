import type { Tx } from '../platform/db/database.ts';

/** Services with a rollout that has not ended. */
export const activeServices = async (db: Tx, projectIds: string[], limit: number): Promise<string[]> => {
  const rows = await db.rollout.findMany({
    where: {
      state: { in: ['running', 'paused', 'rolling back'] },
      service: { removedAt: null, stack: { projectId: { in: projectIds } } },
    },
    select: { serviceId: true },
    take: limit,
  });
  return rows.map(({ serviceId }) => serviceId);
};

export type DrainRow = { id: string; name: string; left: number; since: Date };

/** Nodes being drained that still have tasks. */
export const drainsUnderWay = (db: Tx, projectIds: string[]): Promise<DrainRow[]> => db.$queryRaw<DrainRow[]>`
  SELECT n.id, n.name, count(t.id)::int AS left, coalesce((SELECT max(e.at) FROM "Event" e
    WHERE e."nodeId" = n.id AND e.kind = 'node' AND e.data->>'action' = 'drain'), n."joinedAt") AS since
  FROM "Node" n JOIN "Task" t ON t."nodeId" = n.id
    AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
  WHERE n.availability = 'draining' AND n."removedAt" IS NULL AND n."projectId" = ANY(${projectIds}::uuid[])
  GROUP BY n.id`;
