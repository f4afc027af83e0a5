import type { Tx } from '../platform/db/database.ts';

/** Every service that is not removed. */
export const everyService = async (db: Tx): Promise<string[]> =>
  (await db.service.findMany({ where: { removedAt: null }, select: { id: true } })).map(({ id }) => id);

/** Services that asked to be looked at by now, and those with tasks that no node fitted yet. */
export const dueServices = async (db: Tx, now: Date): Promise<string[]> => {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Service" WHERE "removedAt" IS NULL AND "wakeAt" <= ${now}
    UNION SELECT DISTINCT "serviceId" FROM "Task"
    WHERE state = 'pending' AND "nodeId" IS NULL AND desired = 'running'`;
  return rows.map(({ id }) => id);
};

/** Services behind ids of tasks, rollouts, stacks or services. */
export const servicesBehind = async (db: Tx, ids: readonly string[]): Promise<string[]> => {
  if (ids.length === 0) return [];
  const all = [...ids];
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Service" WHERE "removedAt" IS NULL AND (id = ANY(${all}::uuid[]))
    UNION SELECT "serviceId" FROM "Task" WHERE id = ANY(${all}::uuid[])`;
  return rows.map(({ id }) => id);
};

export type NodeStanding = { id: string; standing: string };

/** What of each node matters to rollouts, in one word; versions and generations do not. */
export const nodeStandings = (db: Tx): Promise<NodeStanding[]> => db.$queryRaw<NodeStanding[]>`
  SELECT id, concat_ws(' ', state, availability, coalesce("leaseUntil" < now(), false)::text, labels::text,
    "projectId"::text, facts->'engine'->>'reachable') AS standing
  FROM "Node" WHERE "removedAt" IS NULL OR "removedAt" > now() - interval '10 minutes'`;

/** Services with tasks on these nodes, those that are everywhere, and those whose tasks found no place. */
export const servicesOnNodes = async (db: Tx, nodeIds: readonly string[]): Promise<string[]> => {
  if (nodeIds.length === 0) return [];
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT "serviceId" AS id FROM "Task" WHERE "nodeId" = ANY(${[...nodeIds]}::uuid[])
      AND state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
    UNION SELECT id FROM "Service" WHERE mode = 'global' AND "removedAt" IS NULL
    UNION SELECT "serviceId" FROM "Task" WHERE state = 'pending' AND "nodeId" IS NULL AND desired = 'running'`;
  return rows.map(({ id }) => id);
};
