import type { ListQuery } from '@portreeve/contract';
import { chosenSort, decodeCursor, encodeCursor, invalidCursor } from '../cursor.ts';
import type { Tx } from './database.ts';
import { isInvalidValue } from './errors.ts';
import { Prisma } from './generated/client.ts';

type Direction = 'asc' | 'desc';
type SortType = 'text' | 'int' | 'timestamptz';

/** A list whose rows are all in the database. */
export type Listing = {
  /** Selects every row the caller may see, with a uuid `id`; no column named below may be null in it. */
  rows: Prisma.Sql;
  /** Columns that a search looks into. */
  search: readonly string[];
  /** What it can be sorted by → a column and its type. */
  sorts: Readonly<Record<string, readonly [column: string, type: SortType]>>;
  usual: readonly [sort: string, direction: Direction];
};
export type PageQuery = Pick<ListQuery, 'search' | 'sort' | 'direction' | 'limit' | 'cursor'>;
export type RowPage<T> = { items: T[]; next?: string; total?: number };

const column = (name: string): Prisma.Sql => Prisma.raw(`listed."${name}"`);

const found = (columns: readonly string[], search: string | undefined): Prisma.Sql => {
  if (!search) return Prisma.sql`true`;
  const tests = columns.map((name) => Prisma.sql`strpos(lower(${column(name)}), lower(${search})) > 0`);
  return tests.length === 0 ? Prisma.sql`false` : Prisma.join(tests, ' OR ');
};

/**
 * One page of a list, cut by the database. The cursor names the last row by its sort key and id, so that rows which
 * come and go neither repeat nor hide others; the id makes the order of equal keys stable.
 */
export const pageOfRows = async <T extends { id: string }>(
  db: Tx,
  { rows, search, sorts, usual }: Listing,
  query: PageQuery,
): Promise<RowPage<T>> => {
  const [name, type] = chosenSort(sorts, query.sort, usual[0]);
  const [usualSort, usualDirection] = usual;
  const isUsual = (query.sort ?? usualSort) === usualSort;
  const ascending = (query.direction ?? (isUsual ? usualDirection : 'asc')) === 'asc';
  // The same order in every database, whatever its locale.
  const key = type === 'text' ? Prisma.sql`${column(name)} COLLATE "C"` : column(name);
  const order = ascending ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const rest = after
    ? Prisma.sql`(${key}, listed.id) ${ascending ? Prisma.sql`>` : Prisma.sql`<`}
        (${String(after[0])}::text::${Prisma.raw(type)}, ${after[1]}::text::uuid)`
    : Prisma.sql`true`;
  type Found = T & { listKey: string; listTotal: number };
  const page = await db.$queryRaw<Found[]>`
    WITH listed AS (SELECT * FROM (${rows}) AS listed WHERE ${found(search, query.search)})
    SELECT listed.*, ${column(name)}::text AS "listKey", (SELECT count(*)::int FROM listed) AS "listTotal"
    FROM listed WHERE ${rest} ORDER BY ${key} ${order}, listed.id ${order} LIMIT ${query.limit + 1}
  `.catch((error: unknown) => {
    throw after && isInvalidValue(error) ? invalidCursor(error) : error;
  });
  const items = page.slice(0, query.limit);
  const last = items.at(-1);
  const total = page[0]?.listTotal ?? (after ? undefined : 0);
  return {
    items,
    ...(page.length > items.length && last && { next: encodeCursor([last.listKey, last.id]) }),
    ...(total !== undefined && { total }),
  };
};
