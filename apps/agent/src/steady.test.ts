import { randomUUID } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { task } from '../test/documents.ts';
import { sampler } from './reports/stats.ts';
import { fromClock, onClock, steadyNow } from './steady.ts';
import { observe } from './tasks/observe.ts';
import { newRecord } from './tasks/record.ts';
import { timers } from './tasks/timers.ts';

const HOUR_MS = 3_600_000;
const setClock = (time: number): void => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(time);
};
afterEach(() => {
  vi.useRealTimers();
});

test('a clock that is set moves no moment, and what it says of one follows it', () => {
  const before = steadyNow();
  const ended = new Date().toISOString();
  setClock(Date.now() - HOUR_MS);
  expect(steadyNow()).toBeGreaterThanOrEqual(before);
  expect(fromClock(ended)).toBeLessThanOrEqual(steadyNow());
  expect(fromClock(ended)).toBeGreaterThanOrEqual(before);
  expect(Math.abs(onClock(steadyNow()).getTime() - Date.now())).toBeLessThanOrEqual(100);
});

test('an alarm rings in its time although the clock was set back meanwhile', async () => {
  const rung = new Promise((resolve) => {
    const alarms = timers(resolve);
    const at = steadyNow() + 20;
    setClock(Date.now() - HOUR_MS);
    alarms.at('task', at);
  });
  expect(await rung).toBe('task');
});

test('a restart that waits is told by the clock as it is now', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const pin = { kind: 'digest', reference: 'web:1', registry: 'r', repository: 'web', digest } as const;
  const exit = { outOfMemory: false, endedBy: 'itself', exitCode: 1, reason: '', containerId: 'c' } as const;
  const endedAt = new Date().toISOString();
  const attempts = [1, 2].map((attempt) => ({
    ...{ attempt, name: 'web', launchedAt: 0, endedAt: steadyNow() },
    exit: { ...exit, attempt, startedAt: endedAt, endedAt },
  }));
  const record = { ...newRecord(randomUUID(), 0), attempts };
  setClock(Date.now() - HOUR_MS);
  const seen = observe({ assigned: task({ pin }), record, container: undefined, now: steadyNow() });
  const waits = Date.parse(seen.restartAt ?? '') - Date.now();
  expect(waits).toBeGreaterThan(0);
  expect(waits).toBeLessThanOrEqual(5_100);
});

test('tasks are measured on when the clock was set back', async () => {
  // Part of every cgroup's path, as a container's id is of its own's.
  const container = { id: '/', name: 'web', taskId: randomUUID(), attempt: 1 } as const;
  const running = { ...container, state: 'running', health: 'none', killedOutside: false } as const;
  const stats = sampler(
    () => [running],
    async () => process.pid,
  );
  await stats.sample();
  setClock(Date.now() - HOUR_MS);
  await stats.sample();
  expect(stats.latest()).toMatchObject([{ taskId: running.taskId, at: expect.stringMatching(/Z$/) }]);
  expect(Math.abs(Date.parse(stats.latest()[0]?.at ?? '') - Date.now())).toBeLessThan(60_000);
});
