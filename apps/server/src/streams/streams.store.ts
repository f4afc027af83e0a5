import {
  DomainError,
  FINAL_TASK_STATES,
  isFinal,
  type Permission,
  type ServiceSpec,
  type TaskState,
} from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { FilePin } from '../stacks/rows.ts';

export type NewStream = {
  id: string;
  kind: 'logs' | 'terminal';
  taskId: string;
  nodeId: string;
  serverId: string;
  userId: string | null;
  sessionId: string | null;
  permission: Permission;
  tokenHash: string;
  deadline: Date;
};

export const storeStreams = async (db: Tx, streams: readonly NewStream[]): Promise<void> => {
  await db.stream.createMany({ data: [...streams] });
};

export const endStreams = async (db: Tx, ids: readonly string[], reason: string): Promise<void> => {
  await db.stream.updateMany({
    where: { id: { in: [...ids] }, endedAt: null },
    data: { endedAt: new Date(), endReason: reason.slice(0, 500) },
  });
};

/** Streams that came to nothing and are tried again: a host may be away for hours. */
export const dropStreams = async (db: Tx, ids: readonly string[]): Promise<void> => {
  await db.stream.deleteMany({ where: { id: { in: [...ids] } } });
};

export type OrphanedStream = { id: string; kind: string; taskId: string; userName: string | null };

/** Ends the streams of servers that ended without a word. */
export const endOrphans = (db: Tx, now: Date, reason: string): Promise<OrphanedStream[]> =>
  db.$queryRaw<OrphanedStream[]>`
    UPDATE "Stream" st SET "endedAt" = ${now}, "endReason" = ${reason}
    WHERE st."endedAt" IS NULL AND st."openedAt" < now() - interval '1 minute'
      AND NOT EXISTS (SELECT 1 FROM "Server" s WHERE s.id = st."serverId" AND s."seenAt" > now() - interval '1 minute')
    RETURNING id, kind, "taskId", (SELECT name FROM "User" u WHERE u.id = st."userId") AS "userName"`;

const KEPT_MS = 7 * 86_400_000;

/** Rows that nobody needs any more. */
export const dropOldStreams = async (db: Tx, now: Date): Promise<void> => {
  await db.stream.deleteMany({ where: { endedAt: { lt: new Date(now.getTime() - KEPT_MS) } } });
};

/** A task as streams show it. */
export type StreamTask = {
  id: string;
  slot: number;
  revision: number;
  serviceName: string;
  serviceId: string;
  projectPath: string;
  nodeId: string | null;
  nodeName: string;
  final: boolean;
};

type Row = Omit<StreamTask, 'final'> & { state: string };

const tasksWhere = async (
  db: Tx,
  serviceId: string | null,
  taskIds: readonly string[],
  endedAfter: Date,
): Promise<StreamTask[]> => {
  const rows = await db.$queryRaw<Row[]>`
    SELECT t.id, t.slot, r.number AS revision, s.name AS "serviceName", s.id AS "serviceId", p.path AS "projectPath",
      t."nodeId", coalesce(n.name, '') AS "nodeName", t.state
    FROM "Task" t JOIN "Service" s ON s.id = t."serviceId" JOIN "Stack" k ON k.id = s."stackId"
    JOIN "Project" p ON p.id = k."projectId" JOIN "Revision" r ON r.id = t."revisionId"
    LEFT JOIN "Node" n ON n.id = t."nodeId"
    WHERE (t."serviceId" = ${serviceId}::uuid AND (t.state <> ALL(${FINAL_TASK_STATES}::text[]) OR t."endedAt" > ${endedAfter}))
      OR t.id = ANY(${taskIds}::uuid[])
    ORDER BY t.slot, t."createdAt" LIMIT 200`;
  return rows.map(({ state, ...row }) => ({ ...row, final: isFinal(state as TaskState) }));
};

/** Tasks of a service: those that are not over, and those that ended after a moment. */
export const tasksOfService = (db: Tx, serviceId: string, endedAfter: Date): Promise<StreamTask[]> =>
  tasksWhere(db, serviceId, [], endedAfter);

/** The tasks named; throws `not-found` when one is missing. */
export const tasksNamed = async (db: Tx, ids: readonly string[]): Promise<StreamTask[]> => {
  const tasks = await tasksWhere(db, null, ids, new Date());
  if (tasks.length === new Set(ids).size) return tasks;
  throw new DomainError('not-found', 'There is no such task.');
};

/** What a task was made from, without its environment. */
export const specOfTask = async (
  db: Tx,
  taskId: string,
): Promise<{ spec: ServiceSpec; filePins: FilePin[] }> => {
  const { revisionId } = await db.task.findUniqueOrThrow({ where: { id: taskId } });
  const { spec, filePins } = await db.revision.findUniqueOrThrow({ where: { id: revisionId } });
  return { spec: spec as ServiceSpec, filePins: filePins as FilePin[] };
};

/** The project of a service; throws `not-found`. */
export const projectOfService = async (db: Tx, serviceId: string): Promise<string> => {
  const service = await db.service.findUnique({
    where: { id: serviceId },
    select: { stack: { select: { project: { select: { path: true } } } } },
  });
  if (service) return service.stack.project.path;
  throw new DomainError('not-found', 'There is no such service.');
};
