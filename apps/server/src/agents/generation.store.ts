import type { Executor } from '../platform/db/notify.ts';
import { AGENTS_CHANNEL } from './channel.ts';

/** What moved: nodes whose own tasks did, and networks whose members did (their other hosts must hear of it too). */
type AssignmentsMoved = { nodeIds: readonly string[]; networkIds?: readonly string[] };

/**
 * Gives the desired state of these nodes, and of every node that holds a task on these networks, a newer generation,
 * and wakes the servers that hold their sockets when the transaction commits. Whoever writes tasks, availability or
 * anything else that a desired document carries calls it in the same transaction. `version` is left to the caller:
 * it is what placements are conditional on.
 */
export const raiseGenerations = async (tx: Executor, moved: AssignmentsMoved): Promise<void> => {
  const nodes = [...new Set(moved.nodeIds)];
  const networks = [...new Set(moved.networkIds ?? [])];
  if (nodes.length === 0 && networks.length === 0) return;
  await tx.$executeRaw`
    WITH concerned AS (
      SELECT unnest(${nodes}::uuid[]) AS id
      UNION
      SELECT t."nodeId" FROM "Address" a JOIN "Task" t ON t.id = a."taskId"
      WHERE a."networkId" = ANY(${networks}::uuid[]) AND t."nodeId" IS NOT NULL
        AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
    ), ordered AS (
      SELECT n.id FROM "Node" n JOIN concerned c ON c.id = n.id ORDER BY n.id FOR UPDATE OF n
    ), raised AS (
      UPDATE "Node" n SET generation = n.generation + 1 FROM ordered o WHERE n.id = o.id RETURNING n.id
    ), numbered AS (
      SELECT id, (row_number() OVER (ORDER BY id) - 1) / 150 AS page FROM raised
    )
    SELECT pg_notify(${AGENTS_CHANNEL}, json_build_object('kind', 'generation', 'nodeIds', json_agg(id))::text)
    FROM numbered GROUP BY page`;
};
