import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import type { ChainPlace } from './seal.store.ts';

export type ArchiveRow = {
  id: string;
  month: string;
  file: string;
  server: string;
  sha256: string;
  bytes: bigint;
  entries: bigint;
  firstSequence: bigint;
  lastSequence: bigint;
  lastHash: string;
  archivedAt: Date;
};

const ROWS = Prisma.sql`SELECT a.id, to_char(a.month::timestamp, 'YYYY-MM') AS month, a.file, a.server, a.sha256, a.bytes,
  a.entries, a."firstSequence", a."lastSequence", a."lastHash", a."archivedAt" FROM "AuditArchive" a`;

/** A page of the months that were written out, the newest first unless asked otherwise. */
export const pageOfArchives = (db: Tx, query: PageQuery) =>
  pageOfRows<ArchiveRow>(
    db,
    {
      rows: ROWS,
      search: ['month', 'file', 'server'],
      sorts: { month: ['month', 'text'], archivedAt: ['archivedAt', 'timestamptz'] },
      usual: ['month', 'desc'],
    },
    query,
  );

/** All of them, the oldest first: one a month. */
export const allArchives = (db: Tx): Promise<ArchiveRow[]> =>
  db.$queryRaw<ArchiveRow[]>(Prisma.sql`${ROWS} ORDER BY a.month`);

/** The last seal of entries of before a moment; undefined where there is none. */
export const lastSealBefore = async (db: Tx, ends: Date): Promise<ChainPlace | undefined> =>
  (await db.auditSeal.findFirst({ where: { entryAt: { lt: ends } }, orderBy: { sequence: 'desc' } })) ??
  undefined;

export type WrittenMonth = {
  file: string;
  sha256: string;
  bytes: number;
  first: bigint;
  last: ChainPlace;
};

/** Lets the owner's function take a month that was written out; it refuses what it is not told right. */
export const archiveMonth = async (
  db: Tx,
  month: Date,
  server: string,
  written: WrittenMonth,
): Promise<void> => {
  const { file, sha256, bytes, first, last } = written;
  await db.$queryRaw`SELECT "audit_archive"(${month.toISOString().slice(0, 10)}::date, ${file}, ${server}, ${sha256}, ${bytes}::bigint,
    ${first}::bigint, ${last.sequence}::bigint, ${last.hash})::text`;
};

/** Removes some of the seals and recordings of months that are archived; 0 when there are no more. */
export const forgetArchived = async (db: Tx, most: number): Promise<number> => {
  const [row] = await db.$queryRaw<{ gone: number }[]>`SELECT "audit_forget"(${most}::integer) AS gone`;
  return row?.gone ?? 0;
};
