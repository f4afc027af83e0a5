import { expect, test } from 'vitest';
import { readReport } from './read-report.ts';

const task = {
  taskId: '01900000-0000-7000-8000-0000000000a1',
  state: 'running',
  ready: true,
  at: '2026-01-01T00:00:00.000Z',
  attempt: 1,
};
const report = { sequence: 3, complete: true, tasks: [task], exits: [], events: [] };

test('V1 what a newer agent adds is ignored', () => {
  const read = readReport({ ...report, more: 1, tasks: [{ ...task, more: 2 }] });
  expect(read).toMatchObject({
    dropped: 0,
    report: { sequence: 3, complete: true, tasks: [{ ready: true }] },
  });
});
test('V1 the exit of a newer agent is kept without what this server does not know', () => {
  const record = {
    attempt: 1,
    containerId: 'c',
    endedAt: '2026-01-01T00:00:00.000Z',
    outOfMemory: false,
    endedBy: 'itself',
    reason: 'it ended',
    logTail: '',
  };
  const read = readReport({
    ...report,
    exits: [{ taskId: task.taskId, record: { ...record, coreDump: true }, node: 'n' }],
  });
  expect(read).toMatchObject({ dropped: 0, report: { exits: [{ taskId: task.taskId, record }] } });
  expect(read?.report.exits[0]?.record).toEqual(record);
});
test('an item that cannot be read is dropped and counted, the rest is kept', () => {
  const read = readReport({
    ...report,
    tasks: [task, { ...task, state: 'dancing' }],
    exits: [{}],
    events: ['?'],
  });
  expect(read?.dropped).toBe(3);
  expect(read?.report.tasks).toHaveLength(1);
});
test('what is no report at all is none', () => {
  expect(readReport({ sequence: 'x' })).toBeUndefined();
  expect(readReport(null)).toBeUndefined();
});
