import { expect, it } from 'vitest';
import { node, request } from '../../test/samples.ts';
import { type DrainTask, previewDrain } from './preview.ts';

const GIB = 2 ** 30;

const task = (taskId: string, more: Partial<DrainTask> = {}, memory = 1): DrainTask => ({
  request: request({
    taskId,
    serviceId: taskId,
    serviceName: taskId,
    reservations: { memoryBytes: memory * GIB },
  }),
  mode: 'replicated',
  localVolumes: [],
  ...more,
});

const nodes = [
  node('node-1', { taskCount: 4 }),
  node('node-2', { reserved: { cpus: 0, memoryBytes: 2 * GIB, pids: 0 } }),
];

it('says where each task would go, what ends and what cannot move', () => {
  const tasks = [
    task('web'),
    task('logs', { mode: 'global' }),
    task('db', { localVolumes: ['data'] }),
    task('cache', {}, 2),
  ];
  expect(previewDrain('node-1', tasks, nodes)).toEqual({
    moves: [{ taskId: 'web', serviceName: 'web', slot: 1, toNodeId: 'node-2', toNodeName: 'node-2' }],
    ends: [{ taskId: 'logs', serviceName: 'logs', slot: 1 }],
    stays: [
      { taskId: 'db', serviceName: 'db', slot: 1, reason: 'the data of data is on node-1' },
      {
        taskId: 'cache',
        serviceName: 'cache',
        slot: 1,
        reason: 'no node fits: 1 node has not enough memory (needs 2 GiB, 1 GiB free)',
        cheapestChange: 'free 1 GiB on node-2',
      },
    ],
    sentence: '1 task moves, 1 ends with the node, 2 cannot move.',
  });
});

it('says that nothing runs there', () => {
  expect(previewDrain('node-1', [], nodes).sentence).toBe('Nothing runs here.');
});
