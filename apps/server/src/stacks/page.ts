import type { ListQuery } from '@portreeve/contract';
import { type Cursor, chosenSort, decodeCursor, encodeCursor } from '../platform/cursor.ts';

type Key = Cursor[0];
export type Sorts<T> = Record<string, (item: T) => Key>;
export type Page<T> = { items: T[]; next?: string; total: number };

const compare = (a: Key, b: Key): number => (a === b ? 0 : a < b ? -1 : 1);

/**
 * One page of a list that is derived as a whole (states are, from tasks and leases). The cursor names the last item
 * by its sort key and id, so that rows which come and go neither repeat nor hide others.
 */
export const pageOfAll = <T extends { id: string }>(
  items: readonly T[],
  query: Pick<ListQuery, 'sort' | 'direction' | 'limit' | 'cursor'>,
  sorts: Sorts<T>,
  fallback: keyof Sorts<T> & string,
): Page<T> => {
  const keyOf = chosenSort(sorts, query.sort, fallback);
  const sign = query.direction === 'desc' ? -1 : 1;
  const order = (a: Cursor, b: Cursor) => sign * (compare(a[0], b[0]) || compare(a[1], b[1]));
  const sorted = items
    .map((item) => ({ item, at: [keyOf(item), item.id] as Cursor }))
    .sort((a, b) => order(a.at, b.at));
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const rest = after ? sorted.filter(({ at }) => order(at, after) > 0) : sorted;
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    ...(rest.length > page.length && last && { next: encodeCursor(last.at) }),
    total: items.length,
  };
};

/** True when one of the texts holds what was searched for. */
export const matches = (search: string | undefined, ...texts: string[]): boolean =>
  search === undefined ||
  search === '' ||
  texts.some((text) => text.toLowerCase().includes(search.toLowerCase()));
