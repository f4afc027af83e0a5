import { RestartPolicy } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AttemptRecord, KEPT_ATTEMPTS, newRecord } from './record.ts';
import { nextAfterExit, rememberedFaults } from './restart.ts';

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
  const next = nextAfterExit(policy(more), { attempts: ended(lasted), faults: [] }, NOW);
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
    const attempts = ended([100, 100, 100], 'engine');
    const next = nextAfterExit(policy({ maxAttempts: 1 }), { attempts, faults: [] }, NOW);
    expect(next).toEqual({ kind: 'restart', at: NOW });
  });
  test('the clock of the host, set back by an hour since the end, delays none', () => {
    const [first, last] = ended([100, 100]) as [AttemptRecord, AttemptRecord];
    const ahead = { startedAt: '2026-01-01T00:59:59Z', endedAt: '2026-01-01T01:00:00Z' };
    const anHourAhead = { ...last, exit: last.exit && { ...last.exit, ...ahead } };
    const next = (one: AttemptRecord) => nextAfterExit(policy(), { attempts: [first, one], faults: [] }, NOW);
    expect(next({ ...anHourAhead, endedAt: NOW - 1_000 })).toEqual({ kind: 'restart', at: NOW + 4_000 });
    const byAnEarlierProcess = next(anHourAhead);
    expect(byAnEarlierProcess.kind === 'restart' && byAnEarlierProcess.at <= NOW).toBe(true);
  });
  test('how long it ran is reckoned by a clock that nobody sets', () => {
    const [first, second, last] = ended([100, 100, 100]) as [AttemptRecord, AttemptRecord, AttemptRecord];
    const ran = { ...last, startedAt: NOW - 3_600_000, endedAt: NOW };
    const next = nextAfterExit(policy(), { attempts: [first, second, ran], faults: [] }, NOW);
    expect(next).toEqual({ kind: 'restart', at: NOW });
  });
  test('faults written down before the clock was set back spend no restarts', () => {
    const faults = [1, 2, 3].map((attempt) => ({ attempt, at: NOW + 3_600_000 }));
    const record = { attempts: ended([100]).map((one) => ({ ...one, attempt: 4 })), faults };
    expect(nextAfterExit(policy({ maxAttempts: 2, windowMs: 60_000 }), record, NOW).kind).toBe('restart');
  });
  test('one that somebody stopped has not done its work, however politely it went', () => {
    const endedWell = (endedBy: 'itself' | 'outside') =>
      ended([20_000]).map((attempt) => ({
        ...attempt,
        exit: attempt.exit && { ...attempt.exit, exitCode: 0, endedBy },
      }));
    const onFailure = policy({ condition: 'on-failure' });
    const after = (endedBy: 'itself' | 'outside') =>
      nextAfterExit(onFailure, { attempts: endedWell(endedBy), faults: [] }, NOW);
    expect(after('itself')).toMatchObject({ kind: 'end', state: 'complete' });
    expect(after('outside')).toMatchObject({ kind: 'restart' });
  });
  test('it has failed when its restarts are spent', () => {
    expect(waits([100, 100], { maxAttempts: 2 })).not.toBe('failed');
    expect(waits([100, 100, 100], { maxAttempts: 2 })).toBe('failed');
  });
  test('only those within the window count', () =>
    expect(waits([100, 100, 100], { maxAttempts: 2, windowMs: 500 })).not.toBe('failed'));

  /** Fails at once, time and again, as the reconciler has it: only the newest attempts are kept. */
  const attemptsUntilSpent = (restart: RestartPolicy, most: number): number => {
    const record = newRecord('00000000-0000-7000-8000-000000000001', NOW);
    let now = NOW;
    for (let attempt = 1; attempt <= most; attempt += 1) {
      const [one] = ended([10]) as [AttemptRecord & { exit: NonNullable<AttemptRecord['exit']> }];
      const endedAt = new Date(now).toISOString();
      const made = { ...one, attempt, exit: { ...one.exit, attempt, endedAt, startedAt: endedAt } };
      record.attempts = [...record.attempts, made].slice(-KEPT_ATTEMPTS);
      record.faults = rememberedFaults(restart, record);
      const next = nextAfterExit(restart, record, now);
      if (next.kind === 'end') return attempt;
      now = Math.max(now, next.at) + 10;
    }
    return most + 1;
  };
  test('however many restarts a policy allows, they are spent after exactly so many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 150 }), (maxAttempts) => {
        expect(attemptsUntilSpent(policy({ maxAttempts }), 200)).toBe(maxAttempts + 1);
      }),
      { numRuns: 50 },
    );
  });
  test('a window that holds fewer than are allowed never spends them', () =>
    expect(attemptsUntilSpent(policy({ maxAttempts: 30, windowMs: 600_000 }), 200)).toBe(201));

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
