import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const all: Route[] = Object.values(routes).flatMap((group) => Object.values(group) as unknown as Route[]);
const takes = (schema: z.ZodType, value: object): boolean => schema.safeParse(value).success;
const lists = all.filter(
  ({ method, response }) =>
    method === 'GET' && 'shape' in response && 'items' in (response as z.ZodObject).shape,
);

/** The best few of everything by name: whoever wants more types more. */
const NOT_PAGED = ['search'];

describe('lists', () => {
  it('are paged, sorted and filtered by the server, every one of them', () => {
    const query = { search: 'a', sort: 'x', direction: 'desc', limit: '5', cursor: 'c' };
    const without = lists.filter(
      (route) => !takes(route.query, query) || !('next' in (route.response as z.ZodObject).shape),
    );
    expect(lists.length).toBeGreaterThan(20);
    expect(without.map(({ id }) => id)).toEqual(NOT_PAGED);
  });

  it('never answer more than 500 rows at once', () => {
    const paged = lists.filter(({ id }) => !NOT_PAGED.includes(id));
    expect(paged.filter(({ query }) => takes(query, { limit: '501' }))).toEqual([]);
  });
});
