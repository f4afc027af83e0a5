import { expect, test } from 'vitest';
import { momentOf, sinceOf } from './time-range.ts';

const NOW = Date.parse('2026-11-21T14:05:42Z');

test('a range begins in whole minutes, so that a page does not ask anew each second', () => {
  expect(sinceOf('1h', NOW)).toBe('2026-11-21T13:05:00.000Z');
});

test('an unknown range is no range', () => {
  expect(sinceOf('1y', NOW)).toBeUndefined();
  expect(sinceOf(undefined, NOW)).toBeUndefined();
});

test('what is no date is no moment', () => {
  expect(momentOf('nonsense')).toBeUndefined();
});
