import { expect, test } from 'vitest';
import { budgets } from './budget.ts';

const asker = () => budgets({ perSecond: 2, pending: 1 });

test('one asker gets so many answers in a second, and as many in the next', () => {
  const budget = asker();
  const at = (now: number) => [1, 2, 3].map(() => budget.ask('a', now));
  expect(at(10_000)).toEqual([true, true, false]);
  expect(budget.ask('b', 10_500)).toBe(true);
  expect(at(11_000)).toEqual([true, true, false]);
});

test('a clock that is set back takes the names from nobody', () => {
  const budget = asker();
  for (let asked = 0; asked < 3; asked += 1) budget.ask('a', 3_600_000);
  expect(budget.ask('a', 1_000)).toBe(true);
});

test('so many questions of one asker are outside at once', () => {
  const budget = asker();
  const end = budget.begin('a');
  expect([budget.begin('a'), typeof budget.begin('b')]).toEqual([undefined, 'function']);
  end?.();
  expect(budget.begin('a')).toBeDefined();
});
