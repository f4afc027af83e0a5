import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('no more run at once than may, all get their turn in order, and a failure frees its place', async () => {
  const inTurn = createTurns(3);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const work = (i: number) => async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(i);
    running -= 1;
    if (i % 4 === 0) throw new Error('no luck');
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => inTurn(work(i))));
  expect(most).toBe(3);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(5);
});
