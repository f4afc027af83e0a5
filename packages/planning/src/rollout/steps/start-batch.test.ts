import type { UpdatePolicy } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import { readyTasks, revision, rollout, snapshot, task } from '../../../test/samples.ts';
import { planService } from '../plan.ts';
import type { RolloutView, TaskView } from '../types.ts';

const NOW = 1_000_000;

const rolling = (tasks: TaskView[], policy: Partial<UpdatePolicy>, more: Partial<RolloutView> = {}) =>
  snapshot({ tasks, revisions: [revision('r1'), revision('r2', policy)], rollout: rollout(more) });

const turned = (slot: number, more: Partial<TaskView> = {}) =>
  task(`new-${slot}`, { slot, revisionId: 'r2', createdAt: 200_000, readySince: NOW - 60_000, ...more });

const slots = (plan: ReturnType<typeof planService>) => plan.create.map(({ slot }) => slot);

describe('a batch', () => {
  it('has as many slots as parallelism says, the lowest first', () => {
    expect(slots(planService(rolling(readyTasks(5), { parallelism: 2 }), NOW))).toEqual([1, 2]);
  });

  it('has all slots when parallelism is 0', () => {
    expect(slots(planService(rolling(readyTasks(4), { parallelism: 0 }), NOW))).toEqual([1, 2, 3, 4]);
  });

  it('takes slots that do not serve before those that do', () => {
    const tasks = readyTasks(3).map((t) => (t.slot === 3 ? { ...t, ready: false } : t));
    expect(slots(planService(rolling(tasks, { parallelism: 1 }), NOW))).toEqual([3]);
  });

  it('start-first makes new tasks that start at once, and stops nothing', () => {
    const plan = planService(rolling(readyTasks(2), { order: 'start-first' }), NOW);
    expect(plan.create).toMatchObject([{ slot: 1, hold: false, revisionId: 'r2', replaces: 'old-1' }]);
    expect(plan.stop).toEqual([]);
    expect(plan.rollout).toMatchObject({ state: 'running', lastBatchAt: NOW, lastBatchReadyAt: 0 });
  });

  it('stop-first makes new tasks that only pull, and stops nothing yet', () => {
    const plan = planService(rolling(readyTasks(2), { order: 'stop-first' }), NOW);
    expect(plan.create).toMatchObject([{ slot: 1, hold: true }]);
    expect(plan.stop).toEqual([]);
  });

  it('does not begin before the last is ready', () => {
    const tasks = [turned(1, { ready: false }), ...readyTasks(3).slice(1)];
    const plan = planService(rolling(tasks, {}, { lastBatchAt: NOW - 1_000 }), NOW);
    expect(slots(plan)).toEqual([]);
    expect(plan.waitingOn).toMatchObject([{ kind: 'ready', slots: [1], sentence: 'slot 1 to be ready' }]);
  });

  it.each([
    ['whose image cannot be brought', { state: 'preparing', imageReady: false, pullFails: true }],
    ['that no node fits', { state: 'pending', node: 'none' }],
  ] satisfies [string, Partial<TaskView>][])(
    'does not wait for a slot %s, once that was let pass',
    (_, more) => {
      const tasks = [turned(1, { ready: false, createdAt: 300_000, ...more }), ...readyTasks(3).slice(1)];
      const view = { lastBatchAt: 300_000, failedSlots: [1] };
      expect(slots(planService(rolling(tasks, { failureAction: 'continue' }, view), NOW))).toEqual([2]);
    },
  );

  it('waits for the delay, counted from when the last was ready', () => {
    const tasks = [turned(1), ...readyTasks(2).slice(1)];
    const first = planService(rolling(tasks, { delayMs: 10_000 }, { lastBatchAt: NOW - 5_000 }), NOW);
    expect(first.rollout).toMatchObject({ lastBatchReadyAt: NOW });
    expect(first.wakeAt).toBe(NOW + 10_000);
    const view = { lastBatchAt: NOW - 5_000, lastBatchReadyAt: NOW };
    expect(slots(planService(rolling(tasks, { delayMs: 10_000 }, view), NOW + 9_999))).toEqual([]);
    expect(slots(planService(rolling(tasks, { delayMs: 10_000 }, view), NOW + 10_000))).toEqual([2]);
  });

  it('waits for monitoring only where that gates each batch', () => {
    const tasks = [turned(1), ...readyTasks(2).slice(1)];
    const view = { lastBatchAt: NOW - 5_000, lastBatchReadyAt: NOW - 1 };
    expect(slots(planService(rolling(tasks, { monitorMs: 8_000 }, view), NOW))).toEqual([2]);
    const gated = planService(rolling(tasks, { monitorMs: 8_000, gateEachBatch: true }, view), NOW);
    expect(slots(gated)).toEqual([]);
    expect(gated.waitingOn).toMatchObject([{ kind: 'monitor', until: NOW + 7_999 }]);
  });

  it('takes a slot without a host first, before another has the last place', () => {
    const down = task('down', { slot: 1, ready: false, nodeId: 'n1' });
    const homeless = task('homeless', { slot: 2, state: 'pending', nodeId: undefined, node: 'none' });
    const seen = rolling([down, homeless, ...readyTasks(3).slice(2)], { parallelism: 1 });
    expect(slots(planService(seen, NOW))).toEqual([2]);
  });

  it('is not begun while paused', () => {
    const plan = planService(rolling(readyTasks(3), {}, { state: 'paused', pausedReason: 'by ada' }), NOW);
    expect(plan).toMatchObject({ create: [], stop: [] });
    expect(plan.next).toBe('Paused with 3 of 3 slots to go. By ada. Resume, abort or go back.');
  });

  it('takes what an earlier, superseded rollout left on any other revision', () => {
    const tasks = [turned(1, { revisionId: 'r3' }), ...readyTasks(2).slice(1)];
    expect(planService(rolling(tasks, { parallelism: 2 }), NOW).create).toMatchObject([
      { slot: 1, replaces: 'new-1', revisionId: 'r2' },
      { slot: 2, replaces: 'old-2', revisionId: 'r2' },
    ]);
  });

  it('drops the half-made task of a superseded rollout and turns the old one', () => {
    const half = task('half', { revisionId: 'r3', ready: false, createdAt: 150_000 });
    const plan = planService(rolling([...readyTasks(1), half], { order: 'start-first' }), NOW);
    expect(plan.stop.map(({ taskId }) => taskId)).toEqual(['half']);
    expect(plan.create).toMatchObject([{ slot: 1, replaces: 'old-1' }]);
  });

  it('gives new slots of a scaled service the new revision, and does not go on before they are ready', () => {
    const seen = rolling([turned(1), ...readyTasks(2).slice(1)], {}, { lastBatchAt: 1, lastBatchReadyAt: 2 });
    const plan = planService({ ...seen, service: { ...seen.service, replicas: 4 } }, NOW);
    expect(plan.create).toMatchObject([
      { slot: 3, revisionId: 'r2' },
      { slot: 4, revisionId: 'r2' },
    ]);
  });

  it('of a restart turns tasks that were made before it, though the revision is the same', () => {
    const again = { toRevisionId: 'r1', restartToken: 'x' };
    const seen = rolling([...readyTasks(1), task('made', { slot: 2, createdAt: 150_000 })], {}, again);
    expect(planService(seen, NOW).create).toMatchObject([{ slot: 1, revisionId: 'r1' }]);
  });

  it('is not delayed by the failures of what it mends', () => {
    const dead = task('dead', { state: 'failed', endedAt: NOW });
    const seen = rolling([dead], {});
    const plan = planService({ ...seen, slotFailures: [{ slot: 1, count: 9, lastAt: NOW }] }, NOW);
    expect(plan.create).toMatchObject([{ slot: 1, revisionId: 'r2' }]);
  });

  it('takes slots that are down when the one under way may not stop its old task for their sake', () => {
    const waiting = turned(1, { state: 'preparing', ready: false, hold: true, imageReady: true });
    const tasks = readyTasks(3).map((t) => (t.slot > 1 ? { ...t, ready: false } : t));
    const plan = planService(rolling([waiting, ...tasks], { parallelism: 1 }, { lastBatchAt: 1 }), NOW);
    expect(plan.stop).toEqual([]);
    expect(slots(plan)).toEqual([2]);
  });

  it('replaces a dead old task on the old revision while another slot is in flight', () => {
    const dead = task('dead', { slot: 2, state: 'failed', endedAt: NOW });
    const plan = planService(rolling([turned(1, { ready: false }), dead], {}), NOW);
    expect(plan.create).toMatchObject([{ slot: 2, revisionId: 'r1' }]);
  });

  it('stops first where a global service has a fixed port, whatever its order', () => {
    const tasks = readyTasks(2, { publishesHostPort: true });
    const seen = rolling(tasks, { order: 'start-first' });
    const global = {
      ...seen,
      service: { ...seen.service, mode: 'global' as const },
      globalNodeIds: ['n1', 'n2'],
    };
    expect(planService(global, NOW).create).toMatchObject([{ hold: true, onlyNodeId: 'n1' }]);
  });
});

describe('a service that is restarted with another', () => {
  const after = (more: Partial<RolloutView> = {}) => {
    const seen = rolling(readyTasks(2), { parallelism: 1 }, more);
    return { ...seen, service: { ...seen.service, rollsAfter: ['db'] } };
  };

  it('turns nothing before the rollout of that one has ended', () => {
    const plan = planService(after(), NOW);
    expect(plan).toMatchObject({ create: [], next: 'Waiting for the rollout of db to end.' });
    expect(plan.waitingOn[0]).toMatchObject({ kind: 'dependencies', services: ['db'] });
  });

  it('is taken back and kept up meanwhile', () => {
    expect(
      slots(planService(after({ state: 'rolling back', toRevisionId: 'r3', fromRevisionId: 'r2' }), NOW)),
    ).toHaveLength(1);
    const dead = task('dead', { slot: 2, state: 'failed', endedAt: NOW });
    const seen = { ...after(), tasks: [...readyTasks(1), dead] };
    expect(planService(seen, NOW).create).toMatchObject([{ slot: 2, revisionId: 'r1' }]);
  });
});

describe('a first deploy', () => {
  const first = (more: Parameters<typeof snapshot>[0] = {}) =>
    snapshot({
      rollout: rollout({ fromRevisionId: undefined }),
      ...more,
      service: { replicas: 3, currentRevisionId: 'r2', ...more?.service },
    });

  it('makes all slots at once', () => {
    const plan = planService(first(), NOW);
    expect(plan.create).toMatchObject([1, 2, 3].map((slot) => ({ slot, revisionId: 'r2', hold: false })));
  });

  it('waits for what it depends on', () => {
    const plan = planService(
      first({ service: { dependenciesMet: false, waitingFor: ['db', 'cache'] } }),
      NOW,
    );
    expect(plan.create).toEqual([]);
    expect(plan.waitingOn).toEqual([{ kind: 'dependencies', services: ['db', 'cache'] }]);
    expect(plan.next).toBe('Waiting for db and cache to be there.');
  });
});

describe('nodes that the file of a global service drops', () => {
  const dropping = (tasks: TaskView[], policy: Partial<UpdatePolicy> = {}, more: Partial<RolloutView> = {}) =>
    snapshot({
      tasks,
      revisions: [revision('r1'), revision('r2', policy)],
      rollout: rollout(more),
      service: { mode: 'global' },
      globalNodeIds: ['n1'],
      backNodeIds: ['n1', 'n2', 'n3'],
    });
  const done = { lastBatchAt: NOW - 60_000, lastBatchReadyAt: NOW - 50_000 };
  const others = readyTasks(3).slice(1);
  const stopped = (plan: ReturnType<typeof planService>) => plan.stop.map(({ taskId }) => taskId);

  it('keep their tasks until the others are turned', () => {
    const plan = planService(dropping(readyTasks(3)), NOW);
    expect(plan.create).toMatchObject([{ slot: 1, onlyNodeId: 'n1' }]);
    expect(plan.stop).toEqual([]);
  });

  it('are left batch by batch, after the delay, and not before the last has stopped', () => {
    const turnedOne = turned(1, { nodeId: 'n1' });
    const plan = planService(dropping([turnedOne, ...others], { parallelism: 1 }, done), NOW);
    expect(stopped(plan)).toEqual(['old-2']);
    expect(plan.next).toContain('slot 2 off a node that is dropped');
    const early = planService(dropping([turnedOne, ...others], { delayMs: 60_000 }, done), NOW);
    expect(stopped(early)).toEqual([]);
    expect(early.wakeAt).toBe(NOW + 10_000);
    const leaving = others.map((t) => (t.slot === 2 ? { ...t, desired: 'stopped' as const } : t));
    const waits = planService(dropping([turnedOne, ...leaving], { parallelism: 1 }, done), NOW);
    expect(waits.stop).toEqual([]);
    expect(waits.rollout?.state ?? 'running').toBe('running');
    expect(stopped(planService(dropping([turnedOne, ...others], { parallelism: 0 }, done), NOW))).toEqual([
      'old-2',
      'old-3',
    ]);
  });

  it('are left alone while the rollout is paused, and given back when it turns', () => {
    const tasks = [turned(1, { nodeId: 'n1' }), ...others];
    expect(planService(dropping(tasks, {}, { ...done, state: 'paused' }), NOW).stop).toEqual([]);
    const back = planService(dropping(tasks, {}, { ...done, state: 'rolling back', rollingBack: true }), NOW);
    expect(stopped(back).filter((id) => id !== 'new-1')).toEqual([]);
  });

  it('are left at once where it is the node that went and not the file that dropped it', () => {
    const seen = {
      ...dropping([turned(1, { nodeId: 'n1' }), ...others], {}, done),
      backNodeIds: ['n1', 'n2'],
    };
    expect(stopped(planService(seen, NOW))).toEqual(['old-3', 'old-2']);
  });
});
