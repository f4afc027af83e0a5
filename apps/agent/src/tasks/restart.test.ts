import { RestartPolicy } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptRecord } from './record.ts';
import { nextAfterExit } from './restart.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

/** Ended attempts, the last one just now, each a second after the one before. */
const ended = (lasted: readonly number[], endedBy: 'itself' | 'engine' = 'itself'): AttemptRecord[] =>
  lasted.map((ms, index) => {
    const end = NOW - (lasted.length - 1 - index) * 1_000;
    return {
      attempt: index + 1,
      name: 'web',
      launchedAt: end - ms,
      exit: {
        attempt: index + 1,
        containerId: `c${index}`,
        startedAt: new Date(end - ms).toISOString(),
        endedAt: new Date(end).toISOString(),
        exitCode: 1,
        outOfMemory: false,
        endedBy,
        reason: 'it ended',
      },
    };
  });
const policy = (more: Partial<RestartPolicy> = {}) => RestartPolicy.parse(more);
const waits = (lasted: readonly number[], more: Partial<RestartPolicy> = {}): number | string => {
  const next = nextAfterExit(policy(more), ended(lasted), NOW);
  return next.kind === 'restart' ? next.at - NOW : next.state;
};

describe('restarts of a task', () => {
  test('the first is at once', () => expect(waits([100])).toBe(0));
  test('then they wait for the delay, doubling', () => {
    expect(waits([100, 100])).toBe(5_000);
    expect(waits([100, 100, 100])).toBe(10_000);
    expect(waits([100, 100, 100, 100])).toBe(20_000);
  });
  test('never longer than a minute', () => expect(waits(Array(20).fill(10))).toBe(60_000));
  test('unless the policy itself asks for more', () =>
    expect(waits(Array(20).fill(10), { delayMs: 90_000 })).toBe(90_000));
  test('after ten good seconds the next is at once again', () => expect(waits([100, 100, 10_000])).toBe(0));
  test('an end together with the engine is not held against it', () => {
    const next = nextAfterExit(policy({ maxAttempts: 1 }), ended([100, 100, 100], 'engine'), NOW);
    expect(next).toEqual({ kind: 'restart', at: NOW });
  });
  test('it has failed when its restarts are spent', () => {
    expect(waits([100, 100], { maxAttempts: 2 })).not.toBe('failed');
    expect(waits([100, 100, 100], { maxAttempts: 2 })).toBe('failed');
  });
  test('only those within the window count', () =>
    expect(waits([100, 100, 100], { maxAttempts: 2, windowMs: 500 })).not.toBe('failed'));

  test('no sequence of short attempts restarts faster than the policy, and none waits beyond its limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9_999 }), { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 0, max: 120_000 }),
        (lasted, delayMs) => {
          const wait = waits(lasted, { delayMs });
          return (
            typeof wait === 'number' && wait >= Math.max(delayMs, 500) && wait <= Math.max(delayMs, 60_000)
          );
        },
      ),
    );
  });
});
