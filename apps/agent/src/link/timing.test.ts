import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failuresAfter, jittered, redialDelay } from './timing.ts';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('L1 beats come within a fifth of their interval', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 60_000 }), unit, (ms, random) => {
      const wait = jittered(ms, random);
      return wait >= ms * 0.8 && wait <= ms * 1.2;
    }),
  );
});

test('L3 redials double up to 15 s and are spread over the whole wait', () => {
  expect(redialDelay(1, 0.9999)).toBe(500);
  expect(redialDelay(3, 0.9999)).toBe(2_000);
  expect(redialDelay(100, 0.9999)).toBeLessThanOrEqual(15_000);
  expect(redialDelay(100, 0)).toBe(0);
});

test('L3 a connection that ended at once is one more failure, one that stood starts the count anew', () => {
  expect(failuresAfter(0, 50)).toBe(1);
  expect(failuresAfter(4, 50)).toBe(5);
  expect(failuresAfter(4, 60_000)).toBe(1);
});
