import { expect, it } from 'vitest';
import { node, request } from '../../test/samples.ts';
import { explainPlacement } from './explain.ts';

it('shows for every node all that is in the way, those that fit first', () => {
  const GIB = 2 ** 30;
  const rows = explainPlacement(request({ reservations: { memoryBytes: GIB } }), [
    node('a', { availability: 'cordoned', reserved: { cpus: 0, memoryBytes: 4 * GIB, pids: 0 } }),
    node('b', { projectPath: '/erp' }),
    node('c', { reserved: { cpus: 0, memoryBytes: 2 * GIB, pids: 0 } }),
    node('d'),
  ]);
  expect(rows.map(({ nodeName, failed }) => [nodeName, ...failed.map(({ sentence }) => sentence)])).toEqual([
    ['d'],
    ['c'],
    ['b', 'b belongs to /erp'],
    ['a', 'a is cordoned', 'a has not enough memory (needs 1 GiB, 0 B free)'],
  ]);
  expect(rows.map(({ score }) => score !== undefined)).toEqual([true, true, false, false]);
});
