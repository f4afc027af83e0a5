import { describe, expect, it } from 'vitest';
import { readyTasks, revision, rollout, snapshot, task } from '../../../test/samples.ts';
import { planService } from '../plan.ts';

const NOW = 1_000_000;
const draining = (id: string, more = {}) => task(id, { node: 'draining', nodeId: 'n1', ...more });

describe('a draining node', () => {
  it('has the replacement made first, elsewhere', () => {
    const plan = planService(snapshot({ tasks: [draining('a')] }), NOW);
    expect(plan.stop).toEqual([]);
    expect(plan.create).toMatchObject([
      { slot: 1, replaces: 'a', hold: false, avoidNodeIds: ['n1'], reason: 'its host is being drained' },
    ]);
  });

  it('keeps the old task until the new one is ready', () => {
    const coming = task('b', { nodeId: 'n2', ready: false, createdAt: 5, replaces: 'a' });
    expect(planService(snapshot({ tasks: [draining('a'), coming] }), NOW)).toMatchObject({
      create: [],
      stop: [],
    });
    const there = { ...coming, ready: true };
    expect(planService(snapshot({ tasks: [draining('a'), there] }), NOW).stop).toEqual([
      { taskId: 'a', reason: 'the task that replaces it is ready' },
    ]);
  });

  it('keeps a task whose data is there, and says so', () => {
    const plan = planService(snapshot({ tasks: [draining('a', { hasLocalVolume: true })] }), NOW);
    expect(plan).toMatchObject({ create: [], stop: [] });
    expect(plan.next).toBe(
      'Waiting for someone to move or stop slot 1: the data is on the host being drained.',
    );
  });

  it('gives up the replacement when the drain ends', () => {
    const tasks = [task('a', { nodeId: 'n1' }), task('b', { nodeId: 'n2', ready: false, createdAt: 5 })];
    expect(planService(snapshot({ tasks }), NOW).stop.map(({ taskId }) => taskId)).toEqual(['b']);
  });

  it('has its slots turned first by a rollout, which moves them too', () => {
    const tasks = readyTasks(3).map((t) => (t.slot === 3 ? { ...t, node: 'draining' as const } : t));
    const revisions = [revision('r1'), revision('r2', { order: 'start-first' })];
    const plan = planService(snapshot({ tasks, revisions, rollout: rollout() }), NOW);
    expect(plan.create).toMatchObject([{ slot: 3, revisionId: 'r2' }]);
  });
});
