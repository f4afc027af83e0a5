import type { TaskView } from '@portreeve/contract';
import { DomainError, FINAL_TASK_STATES } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type TaskRow, taskView } from './task-view.ts';

/**
 * Tasks `t` as the contract shows them, by slot and then by age. One statement, and none that Prisma has to put together
 * each time: pages, and whoever waits for a deploy, look at them again and again.
 */
const taskViews = async (db: Tx, where: Prisma.Sql): Promise<TaskView[]> => {
  const rows = await db.$queryRaw<TaskRow[]>`
    SELECT t.id, t.slot, t."serviceId", s.name AS "serviceName", k.name AS "stackName", t."revisionId",
      r.number AS revision, t.desired, t.state, t.ready, t."readyAt", t.hold, t.attempts, t.reason, t."restartAt",
      t."stateAt", t."createdAt", t."endedAt", t.networks, t.ports,
      n.id AS "nodeId", n.name AS "nodeName", n.state AS "nodeState", n."leaseUntil", e.record AS "lastExit"
    FROM "Task" t JOIN "Service" s ON s.id = t."serviceId" JOIN "Stack" k ON k.id = s."stackId"
      LEFT JOIN "Revision" r ON r.id = t."revisionId" LEFT JOIN "Node" n ON n.id = t."nodeId"
      LEFT JOIN LATERAL (SELECT record FROM "TaskExit" WHERE "taskId" = t.id ORDER BY attempt DESC LIMIT 1) e ON true
    WHERE ${where} ORDER BY t.slot, t."createdAt", t.id`;
  const now = new Date();
  return rows.map((row) => taskView(row, now));
};

/** The tasks of these ids that there are. */
export const tasksById = (db: Tx, ids: readonly string[]): Promise<TaskView[]> =>
  taskViews(db, Prisma.sql`t.id = ANY(${[...ids]}::uuid[])`);

/** What is on a node and not over; of these projects, or of all. */
export const tasksOnNode = (
  db: Tx,
  nodeId: string,
  projectIds: readonly string[] | null,
): Promise<TaskView[]> =>
  taskViews(
    db,
    Prisma.sql`t."nodeId" = ${nodeId}::uuid AND t.state <> ALL(${FINAL_TASK_STATES})
      AND (${projectIds}::uuid[] IS NULL OR k."projectId" = ANY(${projectIds}::uuid[]))`,
  );

/** Tasks of a service that are not over, and those that ended by themselves since then. */
export const tasksSince = (db: Tx, serviceId: string, since: Date): Promise<TaskView[]> =>
  taskViews(
    db,
    Prisma.sql`t."serviceId" = ${serviceId}::uuid AND (t.state <> ALL(${FINAL_TASK_STATES})
      OR (t."endedAt" > ${since} AND t.desired = 'running'))`,
  );

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
