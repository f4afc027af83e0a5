import type { Database } from './platform/db/database.ts';

/** Written by asking alone: audit of refusals, throttling, keys of repeated requests, and who is there. */
const BY_ASKING = new Set(['AuditEntry', 'AuditSeal', 'Throttle', 'IdempotencyKey', 'Server']);

const tables = async ({ prisma }: Database): Promise<string[]> => {
  const rows = await prisma.$queryRaw<{ name: string }[]>`
    SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND NOT relispartition AND relname NOT LIKE '\\_%' ORDER BY 1`;
  return rows.map(({ name }) => name);
};

/** Every row of every table as text: what a copy of the database would hold. */
export const everyRow = async (database: Database): Promise<string> => {
  const texts: string[] = [];
  for (const name of await tables(database)) {
    const rows = await database.prisma.$queryRawUnsafe<{ row: string }[]>(
      `SELECT t::text AS row FROM "${name}" t`,
    );
    texts.push(`${name}\n${rows.map(({ row }) => row).join('\n')}`);
  }
  return texts.join('\n');
};

/** How many rows each table has, but for those that asking alone writes: the same before and after a refusal. */
export const rowCounts = async (database: Database): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of await tables(database)) {
    if (BY_ASKING.has(name)) continue;
    const [row] = await database.prisma.$queryRawUnsafe<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM "${name}"`,
    );
    counts[name] = row?.n ?? 0;
  }
  return counts;
};
