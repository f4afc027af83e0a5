import type { FailureView } from '@portreeve/contract';
import type { ExitRecord } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';

type FailureRow = {
  taskId: string;
  slot: number;
  revision: number;
  nodeId: string | null;
  nodeName: string | null;
  attempts: number;
  at: Date;
  reason: string;
  record: ExitRecord | null;
};

/** As many as a person reads; the rest failed alike more often than not, and each has its page. */
const MOST = 5;
/** The end of the end: a program says last what it died of. */
const LINES = 8;

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-LINES).join('\n');

const viewOf = (row: FailureRow, mayReadLogs: boolean): FailureView => {
  const { taskId, slot, revision, nodeId, nodeName, attempts, reason, record } = row;
  return {
    ...{ taskId, slot, revision, attempts },
    node: nodeId ? { id: nodeId, name: nodeName ?? '' } : null,
    at: record?.endedAt ?? row.at.toISOString(),
    reason: record?.reason || reason,
    exitCode: record?.exitCode ?? null,
    outOfMemory: record?.outOfMemory ?? false,
    log: mayReadLogs ? lastLines(record?.logTail ?? '') : '',
    health: mayReadLogs ? lastLines(record?.healthOutput ?? '') : '',
  };
};

/** What a container wrote is for those who may read its log. */
type Asked = { serviceId: string; since: Date; until: Date; mayReadLogs: boolean };

/**
 * Per slot, the newest task made in that time that ended badly, or that will not come up, unless a later one serves
 * there: of the same revision, or, with `open`, of any. What was ended as asked is no failure.
 */
const failures = async (
  db: Tx,
  { serviceId, since, until, mayReadLogs }: Asked,
  which: 'open' | 'all',
): Promise<FailureView[]> => {
  const open = which === 'open';
  const rows = await db.$queryRaw<FailureRow[]>`
    SELECT * FROM (
      SELECT DISTINCT ON (t.slot) t.id AS "taskId", t.slot, r.number AS revision, n.id AS "nodeId", n.name AS "nodeName",
        t.attempts, t."stateAt" AS at, t.reason, e.record
      FROM "Task" t JOIN "Revision" r ON r.id = t."revisionId" LEFT JOIN "Node" n ON n.id = t."nodeId"
      LEFT JOIN LATERAL (SELECT record FROM "TaskExit" WHERE "taskId" = t.id AND record->>'endedBy' <> 'portreeve'
        AND "endedAt" <= ${until} ORDER BY attempt DESC LIMIT 1) e ON true
      WHERE t."serviceId" = ${serviceId}::uuid AND t."createdAt" BETWEEN ${since} AND ${until} AND NOT t.ready
        AND t.state NOT IN ('complete', 'lost') AND (NOT ${open} OR t.desired = 'running') AND (e.record IS NOT NULL OR (t.reason <> '' AND t.desired = 'running'))
        AND NOT EXISTS (SELECT 1 FROM "Task" x WHERE x."serviceId" = t."serviceId" AND x.slot = t.slot AND x.id <> t.id
          AND (CASE WHEN ${open} THEN x.ready ELSE x."firstReadyAt" <= ${until} END OR x.state = 'complete') AND (${open} OR (x."revisionId" = t."revisionId" AND x."createdAt" > t."createdAt")))
      ORDER BY t.slot, t."createdAt" DESC) AS newest
    ORDER BY slot LIMIT ${MOST}`;
  return rows.map((row) => viewOf(row, mayReadLogs));
};

/** What failed in the course of a rollout; slots that were rolled back are among it. */
export const failuresOfRollout = (db: Tx, asked: Asked): Promise<FailureView[]> => failures(db, asked, 'all');

/** What of a service fails now: slots where nothing serves. */
export const failuresNow = (db: Tx, asked: Asked): Promise<FailureView[]> => failures(db, asked, 'open');
