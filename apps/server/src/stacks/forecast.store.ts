import type { Capacity } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { TaskPort } from './rows.ts';

export type OwnTask = {
  serviceId: string;
  slot: number;
  nodeId: string;
  ports: TaskPort[];
  reservations: Capacity;
};

/** Placed tasks of these services, and what they hold on their hosts. */
export const ownTasks = (db: Tx, serviceIds: readonly string[]) => db.$queryRaw<OwnTask[]>`
  SELECT "serviceId", slot, "nodeId", ports,
    jsonb_build_object('cpus', cpus, 'memoryBytes', "memoryBytes", 'pids', pids) AS reservations FROM "Task"
  WHERE "serviceId" = ANY(${[...serviceIds]}::uuid[]) AND "nodeId" IS NOT NULL
    AND state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')`;

/** How long a new task took to be ready, on average over the last week. */
export const measuredStarts = async (
  db: Tx,
  serviceIds: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const rows = await db.$queryRaw<{ serviceId: string; ms: number }[]>`
    SELECT "serviceId", avg(extract(epoch FROM "firstReadyAt" - "createdAt") * 1000)::float8 AS ms FROM "Task"
    WHERE "serviceId" = ANY(${[...serviceIds]}::uuid[]) AND "firstReadyAt" IS NOT NULL
      AND "createdAt" > now() - interval '7 days' GROUP BY 1`;
  return new Map(rows.map(({ serviceId, ms }) => [serviceId, ms]));
};
