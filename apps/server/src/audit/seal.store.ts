import type { Database, Tx } from '../platform/db/database.ts';
import { type ChainedEntry, FIRST_HASH, sealHash } from './chain.ts';

/** Entries sealed at once at most; a full batch means that there are more. */
export const SEALED_AT_ONCE = 500;

/** Far longer than any transaction may last, and than the database's clock may be set back. */
const LONGEST_UNDER_WAY_MS = 15 * 60_000;

/** Any number, the same in every version: two that seal wait for each other. */
const SEALING_LOCK = 7_400_003;

/** Where the chain ends, or where a part of it does. */
export type ChainPlace = { sequence: bigint; hash: string };
type LastSeal = { sequence: bigint; hash: string; entryAt: Date; sealedAt: Date };

/** The last seal there is; where all were archived, the last of those. */
export const lastSeal = async (db: Tx): Promise<LastSeal | undefined> => {
  const here = await db.auditSeal.findFirst({ orderBy: { sequence: 'desc' } });
  if (here) return here;
  const archive = await db.auditArchive.findFirst({ orderBy: { lastSequence: 'desc' } });
  if (!archive || archive.lastSequence === 0n) return undefined;
  const { lastSequence, lastHash, month } = archive;
  return { sequence: lastSequence, hash: lastHash, entryAt: month, sealedAt: month };
};

/**
 * What is older than this was slipped in: it would have had its seal before the entry with the last one. That entry's
 * own time counts, since hours may lie unsealed; when it was sealed too, since a clock may have run ahead.
 */
export const stillComing = (last: LastSeal | undefined): Date => {
  const known = last ? Math.min(last.entryAt.getTime(), last.sealedAt.getTime()) : 0;
  return new Date(known - LONGEST_UNDER_WAY_MS);
};

/** Seals committed entries in order into the chain; of two that try, one waits for the other. */
export const sealBatch = (database: Database): Promise<number> =>
  database.transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(${SEALING_LOCK})`;
    const last = await lastSeal(tx);
    // Entries commit out of order: what is not sealed yet is asked for by absence, among those that can have been
    // under way when the last one was written that has a seal.
    const from = stillComing(last);
    const entries = await tx.$queryRaw<ChainedEntry[]>`
      SELECT e.* FROM "AuditEntry" e LEFT JOIN "AuditSeal" s ON s."entryId" = e.id
      WHERE s."entryId" IS NULL AND e.at > ${from} ORDER BY e.at, e.id LIMIT ${SEALED_AT_ONCE}`;
    let previousHash = last?.hash ?? FIRST_HASH;
    let sequence = last?.sequence ?? 0n;
    const data = entries.map((entry) => {
      sequence += 1n;
      const hash = sealHash(previousHash, sequence, entry);
      const row = { sequence, entryId: entry.id, entryAt: entry.at, previousHash, hash };
      previousHash = hash;
      return row;
    });
    if (data.length > 0) await tx.auditSeal.createMany({ data });
    return data.length;
  });

/** Number and hash of the last seal; none while nothing is sealed. */
export const chainEnd = async (database: Database): Promise<{ sequence?: string; hash?: string }> => {
  const last = await lastSeal(database.prisma);
  return last ? { sequence: String(last.sequence), hash: last.hash } : {};
};
