import { randomUUID } from 'node:crypto';
import { TASK_STATES, type TaskState } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { task } from '../../test/documents.ts';
import type { SeenContainer } from '../engine/seen.ts';
import { whoEnded, whyEnded } from './exit-reason.ts';
import { observe } from './observe.ts';
import { newRecord, type TaskRecord } from './record.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const digest = `sha256:${'a'.repeat(64)}`;
const pin = { kind: 'digest', reference: 'web:1', registry: 'r', repository: 'web', digest } as const;
const taskId = randomUUID();
const container = (more: Partial<SeenContainer> = {}): SeenContainer => ({
  id: 'c1',
  name: 'web',
  taskId,
  attempt: 1,
  state: 'running',
  health: 'none',
  killedOutside: false,
  ...more,
});
const record = (more: Partial<TaskRecord> = {}): TaskRecord => ({
  ...newRecord(taskId, NOW),
  state: 'starting',
  attempts: [{ attempt: 1, name: 'web', containerId: 'c1', launchedAt: NOW }],
  ...more,
});
const see = (seen: SeenContainer | undefined, more: Partial<TaskRecord> = {}, checked = false) =>
  observe({
    assigned: task({ pin, spec: checked ? { healthcheck: { test: ['CMD', 'true'] } } : {} }),
    record: record(more),
    container: seen,
    now: NOW,
  });

describe('what a task is seen as', () => {
  test('without a health check it is ready when it runs', () =>
    expect(see(container())).toMatchObject({ state: 'running', ready: true }));
  test('with one only when the engine calls it healthy', () => {
    expect(see(container(), {}, true).ready).toBe(false);
    expect(see(container({ health: 'healthy' }), {}, true).ready).toBe(true);
  });
  test("the image's own health check counts as well", () =>
    expect(see(container(), { imageHealthcheck: true }).ready).toBe(false));
  test('between attempts it stays running, and is not ready', () =>
    expect(see(container({ state: 'exited' }), { state: 'running' })).toMatchObject({
      state: 'running',
      ready: false,
    }));
  test('T1 whatever is seen, its state never goes back', () => {
    const states = fc.constantFrom(...TASK_STATES) as fc.Arbitrary<TaskState>;
    const seen = fc.option(
      fc
        .constantFrom('created', 'running', 'paused', 'exited')
        .map((state) => container({ state: state as SeenContainer['state'] })),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        states,
        seen,
        (state, one) => TASK_STATES.indexOf(see(one, { state }).state) >= TASK_STATES.indexOf(state),
      ),
    );
  });
});

const end = {
  exitCode: 137,
  outOfMemory: false,
  startedAt: new Date(NOW).toISOString(),
  endedAt: new Date(NOW + 60_000).toISOString(),
  signal: 'SIGKILL',
  error: '',
};
const around = {
  stopAsked: undefined,
  killedOutside: false,
  outage: undefined,
  bootedAt: NOW - 1_000,
} as const;

describe('who ended a container', () => {
  test.each([
    [
      'we did, even where the kill came from outside as well',
      { ...around, stopAsked: 'portreeve', killedOutside: true },
      'portreeve',
    ],
    ['somebody at the engine did', { ...around, killedOutside: true }, 'outside'],
    ['the host did, where it was booted since', { ...around, bootedAt: NOW + 30_000 }, 'engine'],
    [
      'the engine did, where it was away then',
      { ...around, outage: { from: NOW + 55_000, to: NOW + 70_000 } },
      'engine',
    ],
    ['else it did itself', around, 'itself'],
  ] as const)('%s', (_, circumstances, who) => expect(whoEnded(end, circumstances)).toBe(who));

  test('the kernel is named where memory ran out', () => {
    const killed = { ...end, outOfMemory: true };
    expect(whoEnded(killed, { ...around, killedOutside: true })).toBe('itself');
    expect(whyEnded(killed, 'itself')).toBe('the kernel ended it: it used more memory than its limit');
  });
});
