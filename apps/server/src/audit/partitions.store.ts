import type { Tx } from '../platform/db/database.ts';

/** Makes the months that are to come; the owner's function says which. */
export const makePartitions = async (db: Tx): Promise<void> => {
  await db.$queryRaw`SELECT "audit_make_partitions"()`;
};

const MONTH = /_(\d{4})_(\d{2})$/;

/** First moments of the months whose entries are here, the oldest first. */
export const monthsHere = async (db: Tx): Promise<Date[]> => {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = '"AuditEntry"'::regclass ORDER BY c.relname`;
  return rows.flatMap(({ name }) => {
    const [, year, month] = MONTH.exec(name) ?? [];
    return year && month ? [new Date(Date.UTC(Number(year), Number(month) - 1))] : [];
  });
};

/** The first moment of the month after. */
export const monthAfter = (month: Date): Date =>
  new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1));
