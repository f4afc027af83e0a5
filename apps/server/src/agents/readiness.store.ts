import type { Readiness } from '@portreeve/agent-protocol';
import type { Tx } from '../platform/db/database.ts';

/** The tasks that are ready now, per network. A network without any is there with none. */
export const readyTasks = async (db: Tx, networkIds: readonly string[]): Promise<Readiness['networks']> => {
  const rows = await db.$queryRaw<{ networkId: string; taskId: string }[]>`
    SELECT a."networkId", a."taskId" FROM "Address" a JOIN "Task" t ON t.id = a."taskId"
    WHERE a."networkId" = ANY(${networkIds}::uuid[]) AND t.ready AND t.state = 'running'`;
  return networkIds.map((networkId) => ({
    networkId,
    ready: rows.filter((row) => row.networkId === networkId).map(({ taskId }) => taskId),
  }));
};
