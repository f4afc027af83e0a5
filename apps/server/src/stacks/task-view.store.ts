import type { TaskView } from '@portreeve/contract';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import { taskInclude, taskView } from './task-view.ts';

/** Tasks as the contract shows them; sorted by slot, then by age, unless told otherwise. */
export const taskViews = async (
  db: Tx,
  where: Prisma.TaskWhereInput,
  page: Pick<Prisma.TaskFindManyArgs, 'orderBy' | 'take' | 'skip' | 'cursor'> = {},
): Promise<TaskView[]> => {
  const rows = await db.task.findMany({
    where,
    include: taskInclude,
    orderBy: [{ slot: 'asc' }, { createdAt: 'asc' }],
    ...page,
  });
  if (rows.length === 0) return [];
  const nodeIds = [...new Set(rows.flatMap(({ nodeId }) => nodeId ?? []))];
  const [nodes, revisions] = await Promise.all([
    db.node.findMany({
      where: { id: { in: nodeIds } },
      select: { id: true, name: true, state: true, leaseUntil: true },
    }),
    db.revision.findMany({
      where: { id: { in: [...new Set(rows.map(({ revisionId }) => revisionId))] } },
      select: { id: true, number: true },
    }),
  ]);
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  const numberOf = new Map(revisions.map(({ id, number }) => [id, number]));
  const now = new Date();
  return rows.map((row) =>
    taskView(row, nodeOf.get(row.nodeId ?? ''), numberOf.get(row.revisionId) ?? 0, now),
  );
};
