import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const all: Route[] = Object.values(routes).flatMap((group) => Object.values(group) as unknown as Route[]);
/** The largest number that a column of the database holds. */
const LARGEST = 2 ** 31 - 1;

type Schema = { [key: string]: unknown };
type Place = { place: string; schema: Schema };
const placesIn = (schema: unknown, place: string): Place[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const below = Object.entries(schema).flatMap(([key, value]) => placesIn(value, `${place}/${key}`));
  return [{ place, schema: schema as Schema }, ...below];
};
const inputs = all.flatMap((route) =>
  (['params', 'query', 'body'] as const).flatMap((part) =>
    placesIn(z.toJSONSchema(route[part], { io: 'input', unrepresentable: 'any' }), `${route.id} ${part}`),
  ),
);
const namesOf = (places: Place[]): string[] => places.map(({ place }) => place);

describe('what a caller gives', () => {
  it('has no number that the database cannot hold', () => {
    const whole = inputs.filter(({ schema }) => schema.type === 'integer');
    const open = whole.filter(
      ({ schema: { minimum, maximum } }) => Number(minimum) < -LARGEST || Number(maximum) > LARGEST,
    );
    expect(whole.length).toBeGreaterThan(10);
    expect(namesOf(open)).toEqual([]);
  });

  it('names a project by its path everywhere, and by nothing else', () => {
    const projects = inputs.filter(({ place }) => /\/(project|projectPath)$/.test(place));
    const lax = projects.filter(({ schema }) => !String(schema.pattern).startsWith('^\\/'));
    expect(projects.length).toBeGreaterThan(10);
    expect(namesOf(lax)).toEqual([]);
  });
});
