import { expect, test } from 'vitest';
import { endOf } from './grant-ends.ts';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');

test('a grant lasts for ever, for a while, or until a moment that has to be given', () => {
  expect(endOf('always', '', NOW)).toBeUndefined();
  expect(endOf('1h', '', NOW)).toBe('2026-11-30T13:00:00.000Z');
  expect(endOf('exact', '', NOW)).toBeNull();
  expect(endOf('exact', '2026-12-01T09:30', NOW)).toBe(new Date('2026-12-01T09:30').toISOString());
});
