import type { AuditView } from '@portreeve/contract';
import { decodeCursor, encodeCursor, invalidCursor } from '../platform/cursor.ts';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type AuditFilter, filterSql } from './audit-filter.ts';
import type { ChainedEntry } from './chain.ts';
import { monthAfter, monthsHere } from './partitions.store.ts';

export type AuditRow = ChainedEntry & { sequence: bigint | null };
type PageQuery = AuditFilter & {
  direction?: 'asc' | 'desc' | undefined;
  limit: number;
  cursor?: string | undefined;
};
type Place = { at: Date; id: string };
type Window = { from: Date; to: Date };

/** A search for what is rare looks through months of entries: after this it answers with what it has, and where to go on. */
const LONGEST_MS = 2_000;
/** Lower than the id of any entry. */
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
const END_OF_TIME = new Date(Date.UTC(9999, 0));

const readCursor = (cursor: string | undefined): Place | undefined => {
  if (!cursor) return undefined;
  const [at, id] = decodeCursor(cursor);
  if (Number.isNaN(new Date(at).getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw invalidCursor();
  return { at: new Date(at), id };
};

const later = (a: Date, b: Date | undefined): Date => (b && b > a ? b : a);
const earlier = (a: Date, b: Date | undefined): Date => (b && b < a ? b : a);

/** The months to look into, the newest first: each is one partition. The one we are in goes with those to come. */
const windowsOf = (months: readonly Date[], filter: AuditFilter, now: Date): Window[] => {
  const since = filter.since === undefined ? undefined : new Date(filter.since);
  const until = filter.until === undefined ? undefined : new Date(new Date(filter.until).getTime() + 1);
  const past = months.filter((month) => monthAfter(month) <= now);
  const present = past.at(-1);
  const windows = past.map((month) => ({ from: month, to: monthAfter(month) }));
  const newest = { from: present ? monthAfter(present) : new Date(0), to: END_OF_TIME };
  return [...windows, newest]
    .map(({ from, to }) => ({ from: later(from, since), to: earlier(to, until) }))
    .filter(({ from, to }) => from < to)
    .reverse();
};

/** Whether a month can have rows that come after a place. */
const reaches = ({ from, to }: Window, after: Place, ascending: boolean): boolean => {
  if (ascending) return after.at < to;
  return after.id === LOWEST_ID ? after.at > from : after.at >= from;
};

const rowsIn = (
  db: Tx,
  { from, to }: Window,
  tests: Prisma.Sql,
  after: Place | undefined,
  ascending: boolean,
  limit: number,
): Promise<AuditRow[]> => {
  const order = ascending ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const rest = after
    ? Prisma.sql`(at, id) ${ascending ? Prisma.sql`>` : Prisma.sql`<`} (${after.at}, ${after.id}::uuid)`
    : Prisma.sql`true`;
  return db.$queryRaw<AuditRow[]>`
    SELECT e.*, s.sequence FROM (
      SELECT * FROM "AuditEntry" WHERE at >= ${from} AND at < ${to} AND ${tests} AND ${rest}
      ORDER BY at ${order}, id ${order} LIMIT ${limit}) e
    LEFT JOIN "AuditSeal" s ON s."entryId" = e.id ORDER BY e.at ${order}, e.id ${order}`;
};

/** A page of the audit, newest first unless asked otherwise; never counted. One that took long is short, and goes on. */
export const pageOfAudit = async (
  db: Tx,
  query: PageQuery,
  longestMs = LONGEST_MS,
): Promise<{ rows: AuditRow[]; next?: string }> => {
  const began = performance.now();
  const after = readCursor(query.cursor);
  const ascending = query.direction === 'asc';
  const tests = filterSql(query);
  const all = windowsOf(await monthsHere(db), query, new Date());
  const windows = (ascending ? all.reverse() : all).filter(
    (window) => !after || reaches(window, after, ascending),
  );
  const rows: AuditRow[] = [];
  for (const [index, window] of windows.entries()) {
    rows.push(...(await rowsIn(db, window, tests, after, ascending, query.limit + 1 - rows.length)));
    if (rows.length > query.limit) {
      const last = rows[query.limit - 1];
      rows.length = query.limit;
      return { rows, ...(last && { next: encodeCursor([last.at.toISOString(), last.id]) }) };
    }
    if (index < windows.length - 1 && performance.now() - began > longestMs) {
      const edge = ascending ? window.to : window.from;
      return { rows, next: encodeCursor([edge.toISOString(), LOWEST_ID]) };
    }
  }
  return { rows };
};

const recordingOf = (row: AuditRow): string | null => {
  const { recorded, stream } = row.detail as { recorded?: unknown; stream?: unknown };
  return row.action === 'terminal.open' && recorded === true && typeof stream === 'string' ? stream : null;
};

/** An entry as pages and exports show it. */
export const auditView = (row: AuditRow): AuditView => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: row.actorName,
  via: row.via,
  address: row.address,
  action: row.action,
  object: [row.objectKind, row.objectName].filter(Boolean).join(' '),
  objectKind: row.objectKind,
  objectId: row.objectId,
  projectPath: row.projectPath,
  outcome: row.outcome,
  detail: row.detail as Record<string, unknown>,
  grantId: row.grantId,
  recordingId: recordingOf(row),
  sealed: row.sequence !== null,
});
