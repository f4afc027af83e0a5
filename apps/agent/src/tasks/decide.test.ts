import { randomUUID } from 'node:crypto';
import { isFinal } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type TaskWish, task } from '../../test/documents.ts';
import type { SeenContainer } from '../engine/seen.ts';
import { type Action, decide, type TaskView } from './decide.ts';
import { type AttemptRecord, newRecord, type TaskRecord } from './record.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const digest = `sha256:${'a'.repeat(64)}`;
const pin = { kind: 'digest', reference: 'web:1', registry: 'r', repository: 'web', digest } as const;
const taskId = randomUUID();

const wanted = (wish: Partial<TaskWish> = {}) => task({ pin, taskId, ...wish });
const record = (more: Partial<TaskRecord> = {}): TaskRecord => ({
  ...newRecord(taskId, NOW),
  imageReady: true,
  ...more,
});
const attempt = (more: Partial<AttemptRecord> = {}): AttemptRecord => ({
  attempt: 1,
  name: 'web',
  containerId: 'c1',
  launchedAt: NOW,
  ...more,
});
const exit = (exitCode: number, lastedMs = 1_000, endedAgoMs = 0): AttemptRecord['exit'] => ({
  attempt: 1,
  containerId: 'c1',
  startedAt: new Date(NOW - endedAgoMs - lastedMs).toISOString(),
  endedAt: new Date(NOW - endedAgoMs).toISOString(),
  exitCode,
  outOfMemory: false,
  endedBy: 'itself',
  reason: `it ended by itself with exit code ${exitCode}`,
});
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
const view = (more: Partial<TaskView>): TaskView => ({
  assigned: wanted(),
  record: record(),
  containers: [],
  now: NOW,
  ...more,
});

const cases: [string, Partial<TaskView>, Action][] = [
  ['a new task has its image brought first', { record: record({ imageReady: false }) }, { do: 'pull' }],
  ['with its image there, it is launched', {}, { do: 'launch', attempt: 1 }],
  ['T3 on hold it waits once its image is there', { assigned: wanted({ hold: true }) }, { do: 'wait' }],
  [
    'T3 on hold its image is brought all the same',
    { assigned: wanted({ hold: true }), record: record({ imageReady: false }) },
    { do: 'pull' },
  ],
  [
    'a running container is left alone',
    { record: record({ attempts: [attempt()] }), containers: [container()] },
    { do: 'wait' },
  ],
  [
    'F-9 a container made just before a crash is found by its attempt and started',
    {
      record: record({ attempts: [attempt({ containerId: undefined })] }),
      containers: [container({ state: 'created' })],
    },
    { do: 'start', attempt: 1 },
  ],
  [
    'F-9 an intention that made no container is launched under the same number',
    { record: record({ attempts: [attempt({ containerId: undefined })] }) },
    { do: 'launch', attempt: 1 },
  ],
  [
    'an ended container is written down',
    { record: record({ attempts: [attempt()] }), containers: [container({ state: 'exited' })] },
    { do: 'settle', attempt: 1 },
  ],
  [
    'so is one that somebody removed',
    { record: record({ attempts: [attempt()] }) },
    { do: 'settle', attempt: 1 },
  ],
  [
    'T2 the first restart comes at once, before the old container is removed',
    {
      record: record({ attempts: [attempt({ exit: exit(1) })] }),
      containers: [container({ state: 'exited' })],
    },
    { do: 'launch', attempt: 2 },
  ],
  [
    'T2 the second one waits, and the old container goes meanwhile',
    {
      record: record({
        attempts: [
          attempt({ exit: exit(1, 1_000, 2_000) }),
          attempt({ attempt: 2, containerId: 'c2', exit: exit(1) }),
        ],
      }),
      containers: [container({ id: 'c2', attempt: 2, state: 'exited' })],
    },
    { do: 'discard', containerId: 'c2' },
  ],
  [
    'T2 then it waits for its time',
    {
      record: record({
        attempts: [
          attempt({ exit: exit(1, 1_000, 2_000) }),
          attempt({ attempt: 2, containerId: 'c2', exit: exit(1) }),
        ],
      }),
    },
    { do: 'wait', until: NOW + 5_000 },
  ],
  [
    'an unhealthy container is stopped as failed',
    {
      record: record({ attempts: [attempt()] }),
      containers: [container({ health: 'unhealthy' })],
    },
    { do: 'stop', attempt: 1, by: 'health-check' },
  ],
  [
    'T4 a task no longer in the document is stopped',
    { assigned: undefined, record: record({ attempts: [attempt()] }), containers: [container()] },
    { do: 'stop', attempt: 1, by: 'portreeve' },
  ],
  [
    'T8 so is one that is wished stopped, though this host thinks it runs well',
    {
      assigned: wanted({ desired: 'stopped' }),
      record: record({ state: 'running', ready: true, attempts: [attempt()] }),
      containers: [container()],
    },
    { do: 'stop', attempt: 1, by: 'portreeve' },
  ],
  [
    'once its container is gone, a task no longer in the document is forgotten',
    { assigned: undefined, record: record({ state: 'stopped', attempts: [attempt({ exit: exit(0) })] }) },
    { do: 'forget' },
  ],
  [
    'a stopped task that the document still names is remembered',
    { assigned: wanted({ desired: 'stopped' }), record: record({ state: 'stopped' }) },
    { do: 'wait' },
  ],
  [
    'with restart "none" a clean end completes the task',
    {
      assigned: wanted({ spec: { restart: { condition: 'none' } } }),
      record: record({ attempts: [attempt({ exit: exit(0) })] }),
    },
    { do: 'finish', state: 'complete', reason: 'it has done its work' },
  ],
  [
    'with restart "none" a bad end fails it',
    {
      assigned: wanted({ spec: { restart: { condition: 'none' } } }),
      record: record({ attempts: [attempt({ exit: exit(3) })] }),
    },
    { do: 'finish', state: 'failed', reason: 'it ended by itself with exit code 3' },
  ],
  [
    'when its restarts are spent it has failed',
    {
      assigned: wanted({ spec: { restart: { maxAttempts: 0 } } }),
      record: record({ attempts: [attempt({ exit: exit(3) })] }),
    },
    {
      do: 'finish',
      state: 'failed',
      reason: 'it ended by itself with exit code 3; its 0 restarts are spent',
    },
  ],
  [
    'T9 the container it replaced goes once it is ready',
    {
      record: record({
        ready: true,
        attempts: [attempt()],
        replaced: { containerId: 'old', ended: false },
      }),
      containers: [container()],
    },
    { do: 'end-replaced', restart: false },
  ],
  [
    'T9 it runs again when the task that replaced it never became ready',
    {
      assigned: undefined,
      record: record({ state: 'stopped', replaced: { containerId: 'old', ended: false } }),
    },
    { do: 'end-replaced', restart: true },
  ],
  [
    'an image that could not be brought is tried again later',
    { record: record({ imageReady: false, pullFailures: 1, pullAgainAt: NOW + 500 }) },
    { do: 'wait', until: NOW + 500 },
  ],
  [
    'an image is tried at once where the clock was set back after a failure',
    { record: record({ imageReady: false, pullFailures: 1, pullAgainAt: NOW + 3_600_000 }) },
    { do: 'pull' },
  ],
  [
    'after many failures the task is given back',
    { record: record({ imageReady: false, pullFailures: 6, reason: 'the registry is away' }) },
    { do: 'finish', state: 'rejected', reason: 'the registry is away' },
  ],
];

describe('the next step of a task', () => {
  test.each(cases)('%s', (_, given, expected) => {
    expect(decide(view(given))).toEqual(expected);
  });
});

const anyContainer = fc.record({
  id: fc.constantFrom('c1', 'c2', 'c3', 'foreign'),
  name: fc.constant('x'),
  taskId: fc.constant(taskId),
  attempt: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom('created', 'running', 'paused', 'exited') as fc.Arbitrary<SeenContainer['state']>,
  health: fc.constantFrom('none', 'starting', 'healthy', 'unhealthy') as fc.Arbitrary<
    SeenContainer['health']
  >,
  killedOutside: fc.boolean(),
});
const anyAttempts = fc
  .array(fc.record({ code: fc.integer({ min: 0, max: 3 }), lasted: fc.integer({ min: 0, max: 60_000 }) }), {
    maxLength: 3,
  })
  .chain((ends) =>
    fc.record({ live: fc.boolean(), asked: fc.boolean() }).map(({ live, asked }) =>
      ends.map((end, index) =>
        attempt({
          attempt: index + 1,
          containerId: `c${index + 1}`,
          exit: live && index === ends.length - 1 ? undefined : exit(end.code, end.lasted),
          stopAsked: asked && live && index === ends.length - 1 ? 'portreeve' : undefined,
        }),
      ),
    ),
  );
const anyView = fc.record({
  assigned: fc.option(
    fc
      .record({
        desired: fc.constantFrom('running', 'stopped') as fc.Arbitrary<'running' | 'stopped'>,
        hold: fc.boolean(),
      })
      .map((wish) => wanted(wish)),
    { nil: undefined },
  ),
  record: fc
    .record({
      state: fc.constantFrom('accepted', 'running', 'stopping', 'stopped', 'failed') as fc.Arbitrary<
        TaskRecord['state']
      >,
      imageReady: fc.boolean(),
      attempts: anyAttempts,
    })
    .map((more) => record(more)),
  containers: fc.uniqueArray(anyContainer, { selector: (one) => one.id }),
  now: fc.constant(NOW),
});

describe('whatever is seen', () => {
  test('T5 no container is named that is not in the record', () => {
    fc.assert(
      fc.property(anyView, (seen) => {
        const action = decide(seen);
        const known = seen.record.attempts.map((one) => one.containerId);
        return action.do !== 'discard' || known.includes(action.containerId);
      }),
    );
  });

  test('nothing is launched while an attempt is not over, nor for a task that is final, stopping or not wanted', () => {
    fc.assert(
      fc.property(anyView, (seen) => {
        const action = decide(seen);
        if (action.do !== 'launch' && action.do !== 'start') return true;
        const open = seen.record.attempts.filter((one) => !one.exit);
        return (
          seen.assigned?.desired === 'running' &&
          !isFinal(seen.record.state) &&
          seen.record.state !== 'stopping' &&
          open.every((one) => one.attempt === action.attempt)
        );
      }),
    );
  });

  test('T3 a task on hold is never launched anew', () => {
    fc.assert(
      fc.property(anyView, (seen) => {
        const held = { ...seen, assigned: wanted({ hold: true }) };
        const live = held.record.attempts.some((one) => !one.exit);
        return live || decide(held).do !== 'launch';
      }),
    );
  });
});
