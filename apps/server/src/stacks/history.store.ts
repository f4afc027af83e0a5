import type { RolloutSummary, TaskView } from '@portreeve/contract';
import { FINAL_TASK_STATES, type RolloutCause, type RolloutState } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import { tasksById } from './task-view.store.ts';

/** A page of a service's tasks, by slot and then by age unless asked otherwise. */
export const pageOfTasks = async (
  db: Tx,
  serviceId: string,
  query: PageQuery & { ended: 'yes' | 'no' },
): Promise<{ items: TaskView[] }> => {
  const page = await pageOfRows<{ id: string }>(
    db,
    {
      rows: Prisma.sql`SELECT id, slot, "createdAt", state, reason FROM "Task" WHERE "serviceId" = ${serviceId}::uuid
        AND (${query.ended} = 'yes' OR state <> ALL(${FINAL_TASK_STATES}))`,
      search: ['state', 'reason'],
      sorts: { slot: ['slot', 'int'], createdAt: ['createdAt', 'timestamptz'], state: ['state', 'text'] },
      usual: ['slot', 'asc'],
    },
    query,
  );
  const views = await tasksById(
    db,
    page.items.map(({ id }) => id),
  );
  const viewOf = new Map(views.map((view) => [view.id, view]));
  return { ...page, items: page.items.flatMap(({ id }) => viewOf.get(id) ?? []) };
};

export type RevisionRow = {
  id: string;
  number: number;
  spec: unknown;
  sealedEnvironment: string;
  pin: unknown;
  stackVersion: number;
  createdAt: Date;
  createdBy: string;
};
/** A revision beside the one that came before it, as far as that is still kept. */
export type RevisionStep = { row: RevisionRow; before: RevisionRow | undefined };

/** Revisions of a service by number, in no order. */
export const revisionsNumbered = (db: Tx, serviceId: string, numbers: number[]): Promise<RevisionRow[]> =>
  db.revision.findMany({ where: { serviceId, number: { in: numbers } } });

/** The number of a service's newest revision. */
export const newestRevision = async (db: Tx, serviceId: string): Promise<number> => {
  const { _max } = await db.revision.aggregate({ where: { serviceId }, _max: { number: true } });
  return _max.number ?? 0;
};

/** One revision beside the one before it; undefined when there is none of that number. */
export const revisionStep = async (
  db: Tx,
  serviceId: string,
  number: number,
): Promise<RevisionStep | undefined> => {
  const where = { serviceId, number: { lte: number } };
  const [row, before] = await db.revision.findMany({ where, orderBy: { number: 'desc' }, take: 2 });
  return row?.number === number ? { row, before } : undefined;
};

/** A page of a service's revisions, newest first unless asked otherwise. */
export const pageOfRevisions = async (db: Tx, serviceId: string, query: PageQuery) => {
  const page = await pageOfRows<{ id: string; number: number; before: number | null }>(
    db,
    {
      rows: Prisma.sql`SELECT id, number, "createdBy", spec->>'image' AS image,
        lag(number) OVER (ORDER BY number) AS before FROM "Revision" WHERE "serviceId" = ${serviceId}::uuid`,
      search: ['createdBy', 'image'],
      sorts: { number: ['number', 'int'] },
      usual: ['number', 'desc'],
    },
    query,
  );
  const rows = await revisionsNumbered(db, serviceId, [
    ...new Set(page.items.flatMap(({ number, before }) => [number, ...(before === null ? [] : [before])])),
  ]);
  const rowOf = new Map(rows.map((row) => [row.number, row]));
  const steps = page.items.flatMap(({ number, before }): RevisionStep[] => {
    const row = rowOf.get(number);
    return row ? [{ row, before: rowOf.get(before ?? 0) }] : [];
  });
  return { ...page, items: steps };
};

type RolloutRow = {
  id: string;
  number: number;
  state: RolloutState;
  cause: RolloutCause;
  causedBy: string;
  reason: string;
  startedAt: Date;
  endedAt: Date | null;
  fromRevision: number | null;
  toRevision: number;
};

/** A page of a service's rollouts, newest first unless asked otherwise. */
export const pageOfRollouts = async (
  db: Tx,
  service: { id: string; replicas: number },
  query: PageQuery,
): Promise<{ items: RolloutSummary[] }> => {
  const page = await pageOfRows<RolloutRow>(
    db,
    {
      rows: Prisma.sql`SELECT o.id, o.number, o.state, o.cause, o."causedBy", o.reason, o."startedAt", o."endedAt",
          f.number AS "fromRevision", coalesce(t.number, 0) AS "toRevision"
        FROM "Rollout" o LEFT JOIN "Revision" f ON f.id = o."fromRevisionId"
          LEFT JOIN "Revision" t ON t.id = o."toRevisionId"
        WHERE o."serviceId" = ${service.id}::uuid`,
      search: ['state', 'cause', 'causedBy', 'reason'],
      sorts: { number: ['number', 'int'], state: ['state', 'text'] },
      usual: ['number', 'desc'],
    },
    query,
  );
  const items = page.items.map(
    (row): RolloutSummary => ({
      ...row,
      startedAt: row.startedAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
      turned: row.state === 'succeeded' ? service.replicas : 0,
      slots: service.replicas,
    }),
  );
  return { ...page, items };
};

/** A page of a stack's versions, newest first unless asked otherwise. */
export const pageOfStackVersions = (db: Tx, stackId: string, query: PageQuery) =>
  pageOfRows<{ id: string; number: number; appliedBy: string; createdAt: Date }>(
    db,
    {
      rows: Prisma.sql`SELECT id, number, "appliedBy", "createdAt" FROM "StackVersion"
        WHERE "stackId" = ${stackId}::uuid`,
      search: ['appliedBy'],
      sorts: { number: ['number', 'int'] },
      usual: ['number', 'desc'],
    },
    query,
  );

/** One version of a stack, whole; null when there is none of that number. */
export const findStackVersion = (db: Tx, stackId: string, number: number) =>
  db.stackVersion.findUnique({ where: { stackId_number: { stackId, number } } });
