import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { type ChainedEntry, FIRST_HASH, sealHash } from './chain.ts';

const BATCH = 500;

/** Seals committed entries in order into the chain. Of two that try, the database lets one have each number. */
const sealBatch = (database: Database): Promise<number> =>
  database.transaction(async (tx) => {
    const last = await tx.auditSeal.findFirst({ orderBy: { sequence: 'desc' } });
    // Entries commit out of order: what is not sealed yet is asked for by absence, not by a time.
    const entries = await tx.$queryRaw<ChainedEntry[]>`
      SELECT e.* FROM "AuditEntry" e LEFT JOIN "AuditSeal" s ON s."entryId" = e.id
      WHERE s."entryId" IS NULL ORDER BY e.at, e.id LIMIT ${BATCH}`;
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

export const auditSealing = (database: Database): LoopOptions => ({
  name: 'audit seal',
  everyMs: 800,
  run: async () => {
    try {
      while ((await sealBatch(database)) === BATCH);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  },
});
