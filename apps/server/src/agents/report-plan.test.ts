import type { Report, TaskReport } from '@portreeve/agent-protocol';
import { isFinal, TASK_STATES, type TaskState } from '@portreeve/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planReport, type StoredTask } from './report-plan.ts';

const NODE = '01900000-0000-7000-8000-000000000001';
const TASK = '01900000-0000-7000-8000-0000000000a1';

const stored = (over: Partial<StoredTask> = {}): StoredTask => ({
  id: TASK,
  nodeId: NODE,
  serviceId: '01900000-0000-7000-8000-0000000000b1',
  stackId: '01900000-0000-7000-8000-0000000000c1',
  desired: 'running',
  state: 'assigned',
  ready: false,
  imageReady: false,
  attempts: 0,
  reason: '',
  restartAt: null,
  containerId: null,
  networkIds: ['n1'],
  ...over,
});
const task = (over: Partial<TaskReport> = {}): TaskReport => ({
  taskId: TASK,
  state: 'running',
  ready: false,
  at: '2026-01-01T00:00:00.000Z',
  attempt: 1,
  imageReady: false,
  reason: '',
  ...over,
});
const report = (tasks: TaskReport[], complete = false): Report => ({
  sequence: 1,
  complete,
  tasks,
  exits: [],
  events: [],
});

test('T1 whatever is reported, a stored state never moves back and a final one never moves', () => {
  const state = fc.constantFrom<TaskState>(...TASK_STATES);
  fc.assert(
    fc.property(state, state, fc.boolean(), (before, said, ready) => {
      const [update] = planReport(
        NODE,
        [stored({ state: before })],
        report([task({ state: said, ready })]),
      ).updates;
      if (!update) return;
      expect(isFinal(before)).toBe(false);
      expect(isFinal(update.state) || TASK_STATES.indexOf(update.state) >= TASK_STATES.indexOf(before)).toBe(
        true,
      );
    }),
  );
});

test('a report that says nothing new changes nothing', () => {
  const row = stored({ state: 'running', ready: true, attempts: 1 });
  expect(planReport(NODE, [row], report([task({ ready: true })])).updates).toEqual([]);
});

test('a task that becomes ready is told to the networks it is on', () => {
  const row = stored({ state: 'running', attempts: 1 });
  expect(planReport(NODE, [row], report([task({ ready: true })])).readinessOn).toEqual(['n1']);
});

test('only a running task is ready', () => {
  const row = stored({ state: 'running', ready: true, attempts: 1 });
  const plan = planReport(NODE, [row], report([task({ state: 'stopping', ready: true })]));
  expect(plan.updates[0]).toMatchObject({ state: 'stopping', ready: false, readyChanged: true });
});

test('R2 what a complete report no longer names has failed, or was stopped as wished', () => {
  const rows = [
    stored({ id: 'a', state: 'running' }),
    stored({ id: 'b', state: 'stopping', desired: 'stopped' }),
  ];
  const { updates } = planReport(NODE, rows, report([], true));
  expect(updates.map(({ id, state }) => [id, state])).toEqual([
    ['a', 'failed'],
    ['b', 'stopped'],
  ]);
});

test('R4 a task that an earlier report of the same opening told of is not gone', () => {
  const running = [stored({ state: 'running' })];
  expect(planReport(NODE, running, { ...report([], true), told: [TASK] }).updates).toEqual([]);
  expect(planReport(NODE, running, { ...report([], true), told: [] }).updates).toHaveLength(1);
});

test('R2 a task that the agent was never told of is not gone', () => {
  expect(planReport(NODE, [stored({ state: 'assigned' })], report([], true)).updates).toEqual([]);
});

test('an incomplete report says nothing of the tasks it does not name', () => {
  expect(planReport(NODE, [stored({ state: 'running' })], report([])).updates).toEqual([]);
});

test('R3 an unknown task that lives is unwanted, one that ended is not', () => {
  expect(planReport(NODE, [], report([task()], true)).unwanted).toEqual([TASK]);
  expect(planReport(NODE, [], report([task({ state: 'stopped' })], true)).unwanted).toEqual([]);
});

test('F-11 a task taken away from a lost host is unwanted until it has stopped', () => {
  const lost = stored({ state: 'lost' });
  expect(planReport(NODE, [lost], report([task({ state: 'stopping' })])).unwanted).toEqual([TASK]);
  expect(planReport(NODE, [lost], report([task({ state: 'stopped' })])).unwanted).toEqual([]);
});

test('T8 a lost task seen again stays lost and is unwanted', () => {
  const plan = planReport(NODE, [stored({ state: 'lost' })], report([task({ ready: true })], true));
  expect(plan).toMatchObject({ updates: [], unwanted: [TASK] });
});

test.each(['tasks', 'exits', 'events'])(
  'S-29 a task of another node is named and left as it is: in %s',
  (part) => {
    const other = stored({ nodeId: '01900000-0000-7000-8000-000000000002' });
    const said = { ...report([]), [part]: [{ ...task(), text: 'x', kind: 'agent', ok: true }] } as Report;
    expect(planReport(NODE, [other], said)).toMatchObject({ updates: [], foreign: [TASK] });
  },
);
