import type { Tx } from '../platform/db/database.ts';

/** The tasks that are ready now, by network. */
export const readyTasks = async (
  db: Tx,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, string[]>> => {
  const rows = await db.$queryRaw<{ networkId: string; ready: string[] }[]>`
    SELECT a."networkId", array_agg(a."taskId"::text) AS ready FROM "Address" a JOIN "Task" t ON t.id = a."taskId"
    WHERE a."networkId" = ANY(${networkIds}::uuid[]) AND t.ready AND t.state = 'running' GROUP BY 1`;
  return new Map(rows.map(({ networkId, ready }) => [networkId, ready]));
};
