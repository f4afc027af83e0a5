import { expect, test } from 'vitest';
import { fullCollection, memoryKeeper } from './memory.ts';

test('a collection frees what nobody refers to any more', async () => {
  const collect = fullCollection();
  const burst = new WeakRef({ rows: new Array(1_000).fill('row') });
  // A weak reference holds until the turn that made it ends.
  await new Promise(setImmediate);
  collect();
  expect(burst.deref()).toBeUndefined();
});

test('a heap that stays as it was after the last collection is left alone', () => {
  let total = 100;
  let collections = 0;
  const keep = memoryKeeper(
    () => {
      collections += 1;
      total = 100;
    },
    () => ({ total, used: 80 }),
  );
  expect([keep(), keep(), keep()]).toEqual([true, false, false]);
  total = 161;
  expect([keep(), keep()]).toEqual([true, false]);
  expect(collections).toBe(2);
});
