import type { TaskView } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
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

/** A task with its service, stack and project. Throws `not-found`. */
export const getTask = async (db: Tx, id: string) => {
  const row = await db.task.findUnique({
    where: { id },
    include: { service: { include: { stack: { include: { project: true } } } } },
  });
  if (row) return row;
  throw new DomainError('not-found', 'There is no such task.');
};

/** How its attempts ended, first to last. */
export const taskExits = (db: Tx, taskId: string) =>
  db.taskExit.findMany({ where: { taskId }, orderBy: { attempt: 'asc' } });

/** The newest task of a service, or that very one. */
export const newestTask = (db: Tx, serviceId: string, id?: string) =>
  db.task.findFirst({ where: { serviceId, ...(id && { id }) }, orderBy: { createdAt: 'desc' } });

/** Its running tasks that are on a node, and the names of those nodes. */
export const runningTasks = async (db: Tx, serviceId: string, mostNodes: number) => {
  const tasks = await db.task.findMany({
    where: { serviceId, state: 'running', nodeId: { not: null } },
    select: { id: true, slot: true, nodeId: true },
    orderBy: { slot: 'asc' },
  });
  const nodes = await db.node.findMany({
    where: { id: { in: tasks.flatMap(({ nodeId }) => nodeId ?? []) } },
    select: { id: true, name: true },
    take: mostNodes,
  });
  return { tasks, nodes };
};
