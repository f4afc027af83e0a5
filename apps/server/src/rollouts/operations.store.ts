import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';

export type OperationRow = {
  /** Of the rollout, or of the node that is drained. */
  id: string;
  kind: 'rollout' | 'drain';
  name: string;
  startedAt: Date;
  /** Of a rollout. */
  serviceId: string | null;
  /** Tasks that a drain still has to move. */
  left: number;
};

const underWay = (projectIds: string[]): Prisma.Sql => Prisma.sql`
  SELECT o.id, 'rollout' AS kind, k.name || '/' || s.name AS name, o."startedAt", o."serviceId", 0 AS "left"
  FROM "Rollout" o JOIN "Service" s ON s.id = o."serviceId" JOIN "Stack" k ON k.id = s."stackId"
  WHERE o.state IN ('running', 'paused', 'rolling back') AND s."removedAt" IS NULL
    AND k."projectId" = ANY(${projectIds}::uuid[])
  UNION ALL
  SELECT n.id, 'drain', n.name, coalesce((SELECT max(e.at) FROM "Event" e
    WHERE e."nodeId" = n.id AND e.kind = 'node' AND e.data->>'action' = 'drain'), n."joinedAt"), NULL, count(t.id)::int
  FROM "Node" n JOIN "Task" t ON t."nodeId" = n.id
    AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
  WHERE n.availability = 'draining' AND n."removedAt" IS NULL AND n."projectId" = ANY(${projectIds}::uuid[])
  GROUP BY n.id`;

/** A page of the rollouts that have not ended and of the nodes being drained, newest first unless asked otherwise. */
export const pageOfOperations = (db: Tx, projectIds: string[], query: PageQuery) =>
  pageOfRows<OperationRow>(
    db,
    {
      rows: underWay(projectIds),
      search: ['name', 'kind'],
      sorts: { startedAt: ['startedAt', 'timestamptz'], name: ['name', 'text'], kind: ['kind', 'text'] },
      usual: ['startedAt', 'desc'],
    },
    query,
  );
