import type { Database, Tx } from '../platform/db/database.ts';
import { type ChainedEntry, FIRST_HASH, sealHash } from './chain.ts';

/** Entries sealed at once at most; a full batch means that there are more. */
export const SEALED_AT_ONCE = 500;

/** Far longer than any transaction may last, and than clocks of servers may differ. */
const LONGEST_UNDER_WAY_MS = 15 * 60_000;

type Sealed = { entryId: string; sealedAt: Date };

/**
 * What is older than this was slipped in: it would have had its seal before the entry with the last one. That entry's
 * own time counts, since hours may lie unsealed; when it was sealed too, since its server's clock may have run ahead.
 */
const stillComing = async (db: Tx, last: Sealed | null | undefined): Promise<Date> => {
  const entry = last && (await db.auditEntry.findUnique({ where: { id: last.entryId } }));
  const known = entry ? Math.min(entry.at.getTime(), last.sealedAt.getTime()) : 0;
  return new Date(known - LONGEST_UNDER_WAY_MS);
};

/** Seals committed entries in order into the chain. Of two that try, the database lets one have each number. */
export const sealBatch = (database: Database): Promise<number> =>
  database.transaction(async (tx) => {
    const last = await tx.auditSeal.findFirst({ orderBy: { sequence: 'desc' } });
    // Entries commit out of order: what is not sealed yet is asked for by absence, among those that can have been
    // under way when the last one was written that has a seal.
    const from = await stillComing(tx, last);
    const entries = await tx.$queryRaw<ChainedEntry[]>`
      SELECT e.* FROM "AuditEntry" e LEFT JOIN "AuditSeal" s ON s."entryId" = e.id
      WHERE s."entryId" IS NULL AND e.at > ${from} ORDER BY e.at, e.id LIMIT ${SEALED_AT_ONCE}`;
    let previousHash = last?.hash ?? FIRST_HASH;
    let sequence = last?.sequence ?? 0n;
    const data = entries.map((entry) => {
      sequence += 1n;
      const hash = sealHash(previousHash, sequence, entry);
      const row = { sequence, entryId: entry.id, previousHash, hash };
      previousHash = hash;
      return row;
    });
    if (data.length > 0) await tx.auditSeal.createMany({ data });
    return data.length;
  });

/** Number and hash of the last seal; none while nothing is sealed. */
export const chainEnd = async (database: Database): Promise<{ sequence?: string; hash?: string }> => {
  const last = await database.prisma.auditSeal.findFirst({ orderBy: { sequence: 'desc' } });
  return last ? { sequence: String(last.sequence), hash: last.hash } : {};
};

const CHECKED_AT_ONCE = 1_000;

/** Recomputes the whole chain: an entry that was changed, removed, moved or slipped in is named. */
export const verifyAudit = async (database: Database) => {
  let previousHash = FIRST_HASH;
  let expected = 1n;
  let last: Sealed | undefined;
  const bad = (id: string, text: string) => ({
    ok: false,
    entries: Number(expected - 1n),
    firstBad: id,
    text,
  });
  for (;;) {
    const seals = await database.prisma.auditSeal.findMany({
      where: { sequence: { gte: expected } },
      orderBy: { sequence: 'asc' },
      take: CHECKED_AT_ONCE,
    });
    const entries = await database.prisma.auditEntry.findMany({
      where: { id: { in: seals.map((seal) => seal.entryId) } },
    });
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    for (const seal of seals) {
      const entry = byId.get(seal.entryId);
      if (seal.sequence !== expected) return bad(seal.entryId, `Seal ${expected} is missing.`);
      if (!entry) return bad(seal.entryId, 'A sealed entry is gone.');
      if (seal.previousHash !== previousHash || seal.hash !== sealHash(previousHash, seal.sequence, entry))
        return bad(entry.id, 'An entry was changed after it was sealed.');
      previousHash = seal.hash;
      last = seal;
      expected += 1n;
    }
    if (seals.length < CHECKED_AT_ONCE) break;
  }
  const [stray] = await database.prisma.$queryRaw<{ id: string }[]>`
    SELECT e.id FROM "AuditEntry" e LEFT JOIN "AuditSeal" s ON s."entryId" = e.id
    WHERE s."entryId" IS NULL AND e.at <= ${await stillComing(database.prisma, last)} LIMIT 1`;
  if (stray) return bad(stray.id, 'An entry was slipped in after those beside it were sealed.');
  const entries = Number(expected - 1n);
  return {
    ok: true,
    entries,
    firstBad: null,
    text: `${entries} entries are as they were sealed, the last as ${previousHash.slice(0, 16)}.`,
  };
};
