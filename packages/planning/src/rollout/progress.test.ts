import { expect, it } from 'vitest';
import { readyTasks, revision, rollout, snapshot, task } from '../../test/samples.ts';
import { rolloutProgress } from './progress.ts';

const NOW = 1_000_000;

it('says of each slot how far it has come', () => {
  const fresh = (slot: number, more: Parameters<typeof task>[1]) =>
    task(`new-${slot}`, { slot, revisionId: 'r2', createdAt: 200_000, ready: false, ...more });
  const tasks = [
    fresh(1, { ready: true, readySince: NOW - 60_000 }),
    fresh(2, { ready: true, readySince: NOW - 1_000 }),
    fresh(3, {}),
    fresh(4, { state: 'starting' }),
    fresh(5, { state: 'preparing', hold: true, imageReady: false }),
    ...readyTasks(6).slice(4),
  ];
  const revisions = [revision('r1'), revision('r2', { monitorMs: 5_000 })];
  const seen = snapshot({ tasks, revisions, rollout: rollout({ failedSlots: [3] }) });
  expect(
    rolloutProgress(seen, NOW).map(({ slot, phase, oldTaskId, ready, failed }) =>
      [slot, phase, oldTaskId ?? '-', ready ? 'ready' : 'not ready', ...(failed ? ['failed'] : [])].join(' '),
    ),
  ).toEqual([
    '1 done - ready',
    '2 monitoring - ready',
    '3 health - not ready failed',
    '4 starting - not ready',
    '5 pulling old-5 ready',
    '6 old - ready',
  ]);
});
