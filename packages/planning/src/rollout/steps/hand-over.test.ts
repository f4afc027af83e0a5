import type { UpdatePolicy } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import { readyTasks, revision, rollout, snapshot, task } from '../../../test/samples.ts';
import { planService } from '../plan.ts';
import type { RolloutView, TaskView } from '../types.ts';

const NOW = 1_000_000;

const rolling = (tasks: TaskView[], policy: Partial<UpdatePolicy>, more: Partial<RolloutView> = {}) =>
  snapshot({ tasks, revisions: [revision('r1'), revision('r2', policy)], rollout: rollout(more) });

const held = (slot: number, more: Partial<TaskView> = {}) =>
  task(`new-${slot}`, {
    slot,
    revisionId: 'r2',
    createdAt: 200_000,
    state: 'preparing',
    hold: true,
    imageReady: true,
    replaces: `old-${slot}`,
    ...more,
  });

const stopped = (plan: ReturnType<typeof planService>) => plan.stop.map(({ taskId }) => taskId);

describe('stop-first', () => {
  it('stops no old task before the image of the new one is there', () => {
    const plan = planService(rolling([...readyTasks(2), held(1, { imageReady: false })], {}), NOW);
    expect(plan.stop).toEqual([]);
    expect(plan.waitingOn).toMatchObject([
      { kind: 'images', tasks: ['new-1'], sentence: 'the images of slot 1' },
    ]);
  });

  it('stops the old task once it is', () => {
    const plan = planService(rolling([...readyTasks(2), held(1)], {}), NOW);
    expect(stopped(plan)).toEqual(['old-1']);
    expect(plan.release).toEqual([]);
  });

  it('lets the new task go when the old one is over', () => {
    const stopping = task('old-1', { desired: 'stopped', state: 'stopping' });
    const others = readyTasks(2).slice(1);
    expect(planService(rolling([...others, held(1), stopping], {}), NOW).release).toEqual([]);
    const over = { ...stopping, state: 'stopped' as const };
    expect(planService(rolling([...others, held(1), over], {}), NOW).release).toEqual(['new-1']);
  });

  it('lets the new task go at once when the old one died by itself', () => {
    const dead = task('old-1', { state: 'failed', endedAt: NOW });
    expect(planService(rolling([dead, held(1, { imageReady: false })], {}), NOW).release).toEqual(['new-1']);
  });

  it('stops no more old tasks than parallelism allows to be missing', () => {
    const tasks = [...readyTasks(4), held(1), held(2), held(3)];
    expect(stopped(planService(rolling(tasks, { parallelism: 2 }), NOW))).toEqual(['old-1', 'old-2']);
  });

  it('stops no ready task while another slot is down already, and says so', () => {
    const tasks = readyTasks(3).map((t) => (t.slot === 3 ? { ...t, ready: false } : t));
    const plan = planService(rolling([...tasks, held(1)], { parallelism: 1 }), NOW);
    expect(plan.stop).toEqual([]);
    expect(plan.waitingOn.find(({ kind }) => kind === 'floor')).toMatchObject({
      sentence: 'more slots to be ready: with slot 1 stopped, fewer than 2 would be; now 2',
    });
  });

  it('does not count a task on a silent host as ready', () => {
    const tasks = readyTasks(3).map((t) => (t.slot === 3 ? { ...t, node: 'silent' as const } : t));
    expect(planService(rolling([...tasks, held(1)], { parallelism: 1 }), NOW).stop).toEqual([]);
  });

  it('stops an old task that is not ready, whatever else is down', () => {
    const tasks = readyTasks(3, { ready: false });
    expect(stopped(planService(rolling([...tasks, held(1)], { parallelism: 1 }), NOW))).toEqual(['old-1']);
  });

  it('stops nothing while paused, but still lets go what would leave a slot empty', () => {
    const paused = { state: 'paused' as const };
    expect(planService(rolling([...readyTasks(1), held(1)], {}, paused), NOW).stop).toEqual([]);
    expect(planService(rolling([held(1)], {}, paused), NOW).release).toEqual(['new-1']);
  });
});

describe('start-first', () => {
  const started = (more: Partial<TaskView> = {}) =>
    held(1, { hold: false, state: 'running', ready: false, ...more });

  it('stops the old task when the new one is ready, not before', () => {
    const policy = { order: 'start-first' as const };
    expect(planService(rolling([...readyTasks(2), started()], policy), NOW).stop).toEqual([]);
    expect(stopped(planService(rolling([...readyTasks(2), started({ ready: true })], policy), NOW))).toEqual([
      'old-1',
    ]);
  });

  it('finishes a slot under way when paused', () => {
    const policy = { order: 'start-first' as const };
    const seen = rolling([...readyTasks(2), started({ ready: true })], policy, { state: 'paused' });
    expect(stopped(planService(seen, NOW))).toEqual(['old-1']);
  });

  it('begins the next batch in the plan that ends the last', () => {
    const tasks = [...readyTasks(2), started({ ready: true })];
    const plan = planService(rolling(tasks, { order: 'start-first' }, { lastBatchAt: NOW - 1 }), NOW);
    expect(plan.create).toMatchObject([{ slot: 2 }]);
    expect(plan.events.map(({ text }) => text)).toEqual([
      'Slot 1: new ready, old stopping',
      'Slot 2 now: new tasks first, then the old ones stop',
    ]);
  });
});
