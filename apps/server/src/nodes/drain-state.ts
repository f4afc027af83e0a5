import type { NodeView } from '@portreeve/contract';
import { previewDrain } from '@portreeve/planning';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Tx } from '../platform/db/database.ts';
import { drainTasks } from './drain.store.ts';
import { drainBegan, movedSince, type NodeRow } from './nodes.store.ts';

/** How far a drain is, and what cannot move; null where none is under way. */
export const drainState = async (db: Tx, row: NodeRow): Promise<NodeView['drain']> => {
  if (row.availability !== 'draining') return null;
  const began = await drainBegan(db, row.id);
  const [tasks, nodes, moved] = await Promise.all([
    drainTasks(db, row.id),
    loadPlacementNodes(db),
    began ? movedSince(db, row.id, began) : 0,
  ]);
  const { stays } = previewDrain(row.id, tasks, nodes);
  const stuck = stays.map(({ taskId, serviceName, slot, reason }) => ({
    taskId,
    name: `${serviceName}.${slot}`,
    reason,
  }));
  return { moved, total: moved + row.tasks, stuck };
};
