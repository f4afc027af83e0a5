import { describe, expect, it } from 'vitest';
import { readyTasks, rollout, snapshot, task } from '../../../test/samples.ts';
import { planService } from '../plan.ts';

const NOW = 1_000_000;
const stopped = (plan: ReturnType<typeof planService>) => plan.stop.map(({ taskId }) => taskId);

describe('scaling down', () => {
  it('stops the highest slots', () => {
    expect(stopped(planService(snapshot({ tasks: readyTasks(5), service: { replicas: 3 } }), NOW))).toEqual([
      'old-4',
      'old-5',
    ]);
  });

  it('stops what is not ready first', () => {
    const tasks = readyTasks(4).map((t) => (t.slot === 2 ? { ...t, ready: false } : t));
    expect(stopped(planService(snapshot({ tasks, service: { replicas: 3 } }), NOW))).toEqual(['old-2']);
  });

  it('stops what is on a draining node before what may stay', () => {
    const tasks = readyTasks(3).map((t) => (t.slot === 1 ? { ...t, node: 'draining' as const } : t));
    expect(stopped(planService(snapshot({ tasks, service: { replicas: 2 } }), NOW))).toEqual(['old-1']);
  });

  it('gives up a dead slot instead of replacing it', () => {
    const tasks = [...readyTasks(2), task('dead', { slot: 3, state: 'failed' })];
    const plan = planService(snapshot({ tasks, service: { replicas: 2 } }), NOW);
    expect(plan).toMatchObject({ create: [], stop: [] });
  });

  it('to nothing stops everything and wants nothing', () => {
    const plan = planService(snapshot({ tasks: readyTasks(2), service: { replicas: 0 } }), NOW);
    expect(stopped(plan)).toEqual(['old-1', 'old-2']);
    expect(plan.events[0]?.text).toBe('Stopping slots 1 and 2: scaled down');
  });
});

describe('a service that should not run', () => {
  it('has every task stopped and none made', () => {
    const plan = planService(snapshot({ tasks: readyTasks(2), service: { desired: 'stopped' } }), NOW);
    expect(plan).toMatchObject({
      create: [],
      next: 'Stopped. Start it, or apply its stack, to have it run.',
    });
    expect(stopped(plan)).toEqual(['old-1', 'old-2']);
  });

  it('ends its rollout when it is removed', () => {
    const seen = snapshot({ tasks: readyTasks(1), service: { desired: 'removed' }, rollout: rollout() });
    expect(planService(seen, NOW).rollout).toMatchObject({
      state: 'aborted',
      reason: 'the service was removed',
    });
  });

  it('starts on the target of the rollout that it carries on', () => {
    const seen = snapshot({ rollout: rollout(), service: { replicas: 2 } });
    expect(planService(seen, NOW).create.map(({ revisionId }) => revisionId)).toEqual(['r2', 'r2']);
  });
});

describe('two tasks in one slot', () => {
  it('become one: the ready one stays', () => {
    const tasks = [task('ready', { createdAt: 1 }), task('newer', { createdAt: 2, ready: false })];
    expect(planService(snapshot({ tasks }), NOW).stop).toEqual([
      { taskId: 'newer', reason: 'slot 1 has another task' },
    ]);
  });

  it('become one: the newest of two that are ready stays', () => {
    const tasks = [task('older', { createdAt: 1 }), task('newer', { createdAt: 2 })];
    expect(stopped(planService(snapshot({ tasks }), NOW))).toEqual(['older']);
  });

  it('become one: after an abort the new one that was held goes', () => {
    const tasks = [
      task('old'),
      task('held', { revisionId: 'r2', hold: true, state: 'preparing', createdAt: 5 }),
    ];
    expect(stopped(planService(snapshot({ tasks, rollout: rollout({ state: 'aborted' }) }), NOW))).toEqual([
      'held',
    ]);
  });

  it('are left alone while one of them is stopping', () => {
    const tasks = [task('going', { desired: 'stopped', state: 'stopping' }), task('new', { createdAt: 2 })];
    expect(planService(snapshot({ tasks }), NOW)).toMatchObject({ create: [], stop: [] });
  });
});
