import type { Tx } from '../platform/db/database.ts';
import { signalAgents } from './channel.ts';

/**
 * The tasks that are ready now, by network. None on a host that is lost or not yet reconciled: what waits there for its
 * data was ready when last heard of, and does not answer. Of one that is only silent nobody knows, and names stay.
 */
export const readyTasks = async (
  db: Tx,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, string[]>> => {
  const rows = await db.$queryRaw<{ networkId: string; ready: string[] }[]>`
    SELECT a."networkId", array_agg(a."taskId"::text) AS ready FROM "Address" a JOIN "Task" t ON t.id = a."taskId"
    JOIN "Node" n ON n.id = t."nodeId" AND n.state NOT IN ('lost', 'returning', 'removed')
    WHERE a."networkId" = ANY(${networkIds}::uuid[]) AND t.ready AND t.state = 'running' GROUP BY 1`;
  return new Map(rows.map(({ networkId, ready }) => [networkId, ready]));
};

/** A notification is at most 8,000 bytes. */
const NETWORKS_PER_SIGNAL = 100;

/** Has every host on the networks of these nodes hear anew which tasks are ready: the nodes were lost, or are back. */
export const tellReadinessOf = async (tx: Tx, nodeIds: readonly string[]): Promise<void> => {
  const rows = await tx.$queryRaw<{ networkId: string }[]>`
    SELECT DISTINCT a."networkId" FROM "Address" a JOIN "Task" t ON t.id = a."taskId"
    WHERE t."nodeId" = ANY(${[...nodeIds]}::uuid[])`;
  const networkIds = rows.map(({ networkId }) => networkId);
  for (let at = 0; at < networkIds.length; at += NETWORKS_PER_SIGNAL)
    await signalAgents(tx, { kind: 'readiness', networkIds: networkIds.slice(at, at + NETWORKS_PER_SIGNAL) });
};
