import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inPlace } from './still-rows.ts';

const same = (row: string): string => row;

test('rows that are known keep their places, new ones come last, those that are gone leave', () => {
  expect(inPlace(['a', 'b', 'c'], ['d', 'c', 'a'], same)).toEqual(['a', 'c', 'd']);
});

test('no row is lost or doubled, whatever stood there before', () => {
  const keys = fc.uniqueArray(fc.string());
  fc.assert(
    fc.property(keys, keys, (before, rows) => {
      expect([...inPlace(before, rows, same)].sort()).toEqual([...rows].sort());
    }),
  );
});
