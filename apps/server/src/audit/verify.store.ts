import type { Tx } from '../platform/db/database.ts';
import type { ChainedEntry } from './chain.ts';
import { monthAfter, monthsHere } from './partitions.store.ts';
import type { ChainPlace } from './seal.store.ts';

/** A seal with the entry that it names; none when that is gone. */
export type Link = {
  sequence: bigint;
  previousHash: string;
  hash: string;
  entryId: string;
  entry: ChainedEntry | undefined;
};

type Row = ChainedEntry & Omit<Link, 'entry'> & { id: string | null };

/** The seals from a number on, each with its entry. */
export const linksFrom = async (db: Tx, from: bigint, most: number): Promise<Link[]> => {
  const rows = await db.$queryRaw<Row[]>`
    SELECT s.sequence, s."previousHash", s.hash, s."entryId", e.*
    FROM (SELECT * FROM "AuditSeal" WHERE sequence >= ${from} ORDER BY sequence LIMIT ${most}) s
    LEFT JOIN "AuditEntry" e ON e.id = s."entryId" AND e.at = s."entryAt" ORDER BY s.sequence`;
  return rows.map(({ sequence, previousHash, hash, entryId, ...entry }) => ({
    ...{ sequence, previousHash, hash, entryId },
    entry: entry.id === null ? undefined : entry,
  }));
};

/** An entry wherever its time says that it is; for telling a changed time from an entry that is gone. */
export const entryAnywhere = async (db: Tx, id: string): Promise<boolean> =>
  (await db.auditEntry.findFirst({ where: { id }, select: { id: true } })) !== null;

export const sealAt = async (db: Tx, sequence: bigint): Promise<ChainPlace | undefined> =>
  (await db.auditSeal.findUnique({ where: { sequence } })) ?? undefined;

/** Where the chain goes on from: the end of what was archived. */
export const archivedTo = async (db: Tx): Promise<ChainPlace | undefined> => {
  const last = await db.auditArchive.findFirst({ orderBy: { lastSequence: 'desc' } });
  return last && last.lastSequence > 0n ? { sequence: last.lastSequence, hash: last.lastHash } : undefined;
};

/** The end of an archived month, by its number. */
export const archiveEndingAt = async (db: Tx, sequence: bigint): Promise<ChainPlace | undefined> => {
  const found = await db.auditArchive.findFirst({ where: { lastSequence: sequence } });
  return found ? { sequence: found.lastSequence, hash: found.lastHash } : undefined;
};

/**
 * An entry without a seal that is older than `before`. Counted month by month, which is quick; where the numbers
 * differ, it is looked for. One of a month with as many seals would be found by its seal.
 */
export const strayEntry = async (db: Tx, before: Date): Promise<string | undefined> => {
  for (const month of await monthsHere(db)) {
    if (month > before) return undefined;
    const end = new Date(Math.min(monthAfter(month).getTime(), before.getTime()));
    const [counts] = await db.$queryRaw<{ entries: bigint; seals: bigint }[]>`
      SELECT (SELECT count(*) FROM "AuditEntry" WHERE at >= ${month} AND at < ${end}) AS entries,
        (SELECT count(*) FROM "AuditSeal" WHERE "entryAt" >= ${month} AND "entryAt" < ${end}) AS seals`;
    if (counts?.entries === counts?.seals) continue;
    const [stray] = await db.$queryRaw<{ id: string }[]>`
      SELECT e.id FROM "AuditEntry" e LEFT JOIN "AuditSeal" s ON s."entryId" = e.id AND s."entryAt" = e.at
      WHERE s."entryId" IS NULL AND e.at >= ${month} AND e.at < ${end} LIMIT 1`;
    if (stray) return stray.id;
  }
  return undefined;
};
