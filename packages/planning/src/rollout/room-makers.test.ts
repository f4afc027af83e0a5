import { describe, expect, it } from 'vitest';
import { task } from '../../test/samples.ts';
import { roomMakers } from './room-makers.ts';

describe('the tasks that make room for a new one', () => {
  const tasks = [
    task('serving'),
    task('leaving', { desired: 'stopped', state: 'stopping' }),
    task('over', { state: 'failed' }),
    task('told', {}),
    task('elsewhere', { slot: 2 }),
    task('new', { state: 'pending', hold: true }),
  ];
  const stop = [{ taskId: 'told', reason: '' }];
  const made = (hold: boolean, order: 'start-first' | 'stop-first') =>
    roomMakers(tasks, { id: 'new', slot: 1, hold }, { order, stop }).map(({ id }) => id);

  it('are all others of its slot where the old goes first', () => {
    expect(made(true, 'stop-first')).toEqual(['serving', 'leaving', 'told']);
  });

  it('are those on their way out only, where it starts beside the one that serves', () => {
    expect(made(true, 'start-first')).toEqual(['leaving', 'told']);
  });

  it('are none where it does not wait', () => {
    expect(made(false, 'stop-first')).toEqual([]);
  });
});
