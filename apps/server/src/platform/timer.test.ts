import { expect, test } from 'vitest';
import { delayUntil } from './timer.ts';

const DAY = 86_400_000;

test.each([
  ['a moment to come', 500, 500],
  ['a moment that is past', -500, 1],
  ['a delay of a month, which no timer reaches', 31 * DAY, 2_147_483_647],
])('it is slept until %s', (_, ahead, delay) => {
  expect(delayUntil(1_000 + ahead, 1_000)).toBe(delay);
});
