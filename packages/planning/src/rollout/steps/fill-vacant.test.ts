import { describe, expect, it } from 'vitest';
import { readyTasks, revision, rollout, snapshot, task } from '../../../test/samples.ts';
import { planService } from '../plan.ts';
import type { TaskView } from '../types.ts';

const NOW = 1_000_000;
const failed = (more = {}) => task('dead', { state: 'failed', endedAt: NOW - 100, createdAt: 1, ...more });
const slots = (plan: ReturnType<typeof planService>) => plan.create.map(({ slot }) => slot);

describe('a service in its steady state', () => {
  it('does nothing when every slot is ready', () => {
    const plan = planService(snapshot({ tasks: readyTasks(3) }), NOW);
    expect(plan).toMatchObject({ create: [], stop: [], release: [], lose: [], events: [], waitingOn: [] });
    expect(plan.next).toBe('Nothing to do: 3 of 3 ready.');
  });

  it('gets the slots it misses, on the current revision', () => {
    const plan = planService(snapshot({ tasks: readyTasks(2), service: { replicas: 4 } }), NOW);
    expect(plan.create).toMatchObject([
      { slot: 3, revisionId: 'r1', hold: false, reason: 'the slot had no task' },
      { slot: 4, revisionId: 'r1' },
    ]);
  });

  it.each(['failed', 'rejected', 'lost', 'complete', 'stopped'] as const)(
    'replaces a task that is %s',
    (state) => {
      const plan = planService(snapshot({ tasks: [failed({ state })] }), NOW);
      expect(plan.create).toMatchObject([{ slot: 1, replaces: 'dead', revisionId: 'r1' }]);
    },
  );

  it('avoids the node where the last task failed', () => {
    const plan = planService(snapshot({ tasks: [failed({ nodeId: 'n7' })] }), NOW);
    expect(plan.create[0]?.avoidNodeIds).toEqual(['n7']);
  });

  it('replaces at once the first time', () => {
    const slotFailures = [{ slot: 1, count: 1, lastAt: NOW }];
    expect(slots(planService(snapshot({ tasks: [failed()], slotFailures }), NOW))).toEqual([1]);
  });

  it.each([
    [2, 5_000],
    [3, 10_000],
    [4, 20_000],
    [5, 40_000],
    [6, 60_000],
    [50, 60_000],
  ])('after %i failures in a row waits %i ms', (count, wait) => {
    const seen = snapshot({ tasks: [failed()], slotFailures: [{ slot: 1, count, lastAt: NOW }] });
    const early = planService(seen, NOW + wait - 1);
    expect(early.create).toEqual([]);
    expect(early.wakeAt).toBe(NOW + wait);
    expect(slots(planService(seen, NOW + wait))).toEqual([1]);
  });

  it('says how long it waits and why', () => {
    const seen = snapshot({ tasks: [failed()], slotFailures: [{ slot: 1, count: 3, lastAt: NOW }] });
    expect(planService(seen, NOW + 2_000).next).toBe(
      'Waiting for slot 1 to be tried again in 8 s, because it failed several times in a row.',
    );
  });

  it('keeps the revision that the slot was on, after a rollout was aborted half way', () => {
    const tasks = [task('new', { revisionId: 'r2' }), failed({ slot: 2, revisionId: 'r1' })];
    const seen = snapshot({ tasks, rollout: rollout({ state: 'aborted' }) });
    expect(planService(seen, NOW).create).toMatchObject([{ slot: 2, revisionId: 'r1' }]);
    const other = [task('old'), failed({ slot: 2, revisionId: 'r2' })];
    expect(
      planService(snapshot({ tasks: other, rollout: rollout({ state: 'aborted' }) }), NOW).create,
    ).toMatchObject([{ slot: 2, revisionId: 'r2' }]);
  });

  it('waits for what it depends on, with or without a rollout', () => {
    const service = { replicas: 2, dependenciesMet: false, waitingFor: ['db'] };
    for (const more of [{}, { rollout: rollout() }, { rollout: rollout({ state: 'aborted' }) }]) {
      const plan = planService(snapshot({ service, ...more }), NOW);
      expect(plan.create).toEqual([]);
      expect(plan.waitingOn).toEqual([{ kind: 'dependencies', services: ['db'] }]);
    }
  });

  it('begins nothing of a first rollout that is paused, and keeps up what that began', () => {
    const paused = rollout({ state: 'paused', fromRevisionId: undefined, pausedReason: 'paused by ann' });
    const untouched = planService(snapshot({ service: { replicas: 2 }, rollout: paused }), NOW);
    expect(untouched).toMatchObject({ create: [], next: expect.stringMatching(/^Paused with 2 of 2 slots/) });
    const tasks = [failed({ revisionId: 'r2' })];
    const seen = snapshot({ tasks, service: { replicas: 2, currentRevisionId: 'r2' }, rollout: paused });
    expect(slots(planService(seen, NOW))).toEqual([1]);
  });

  it('never brings back a revision that nothing runs any more', () => {
    const tasks = [...readyTasks(1), failed({ slot: 2, revisionId: 'r0' })];
    expect(planService(snapshot({ tasks }), NOW).create).toMatchObject([{ slot: 2, revisionId: 'r1' }]);
  });

  it('holds a new task whose slot has one on its way out with the same volume or port', () => {
    const leaving = task('going', { desired: 'stopped', state: 'stopping', hasLocalVolume: true });
    const seen = snapshot({ tasks: [leaving], service: { replicas: 1 } });
    expect(planService(seen, NOW).create).toMatchObject([{ hold: true }]);
  });
});

describe('a service whose tasks are meant to end', () => {
  const revisions = [revision('r1', {}, { oneShot: true, restartCondition: 'on-failure' })];

  it('is done when they are complete', () => {
    const plan = planService(snapshot({ revisions, tasks: [failed({ state: 'complete' })] }), NOW);
    expect(plan.create).toEqual([]);
    expect(plan.next).toBe('Nothing to do: 1 of 1 ready.');
  });

  it('tries again what failed', () => {
    expect(slots(planService(snapshot({ revisions, tasks: [failed()] }), NOW))).toEqual([1]);
  });

  it('leaves what failed when its policy says never to restart', () => {
    const never = [revision('r1', {}, { oneShot: true, restartCondition: 'none' })];
    expect(planService(snapshot({ revisions: never, tasks: [failed()] }), NOW).create).toEqual([]);
  });

  it('runs again on a new revision', () => {
    const both = [...revisions, revision('r2', {}, { oneShot: true })];
    const seen = snapshot({ revisions: both, tasks: [failed({ state: 'complete' })], rollout: rollout() });
    expect(planService(seen, NOW).create).toMatchObject([{ slot: 1, revisionId: 'r2' }]);
  });
});

describe('a global service', () => {
  const global = (more: Parameters<typeof snapshot>[0] = {}) =>
    snapshot({ ...more, service: { mode: 'global', ...more?.service } });

  it('has one task on each node of it, bound there', () => {
    const plan = planService(
      global({ tasks: [task('a', { nodeId: 'n1' })], globalNodeIds: ['n1', 'n2'] }),
      NOW,
    );
    expect(plan.create).toMatchObject([{ slot: 2, onlyNodeId: 'n2', avoidNodeIds: [] }]);
  });

  it('leaves a node that is not one of it any more', () => {
    const tasks = [task('a', { nodeId: 'n1' }), task('b', { slot: 2, nodeId: 'n2' })];
    const plan = planService(global({ tasks, globalNodeIds: ['n1'] }), NOW);
    expect(plan.stop).toEqual([{ taskId: 'b', reason: 'its node is not one of the service any more' }]);
  });

  it('keeps a task whose node fell silent', () => {
    const plan = planService(global({ tasks: [task('a', { nodeId: 'n1', node: 'silent' })] }), NOW);
    expect(plan).toMatchObject({ stop: [], create: [] });
  });

  it('keeps what is to follow on a silent node where the old task is told to stop', () => {
    const tasks = [
      task('old', { nodeId: 'n1', node: 'silent', desired: 'stopped', ready: false }),
      task('next', { state: 'pending', nodeId: undefined, onlyNodeId: 'n1', node: 'none' }),
    ];
    expect(planService(global({ tasks }), NOW)).toMatchObject({ stop: [], create: [] });
  });

  it('keeps the slot of a node whose task died', () => {
    const tasks = [failed({ slot: 5, nodeId: 'n1' })];
    const plan = planService(global({ tasks, globalNodeIds: ['n1'] }), NOW);
    expect(plan.create).toMatchObject([{ slot: 5, onlyNodeId: 'n1' }]);
  });

  it('has a slot for each node where a replicated one had tasks of one slot on two', () => {
    const tasks = [failed({ nodeId: 'n1' }), task('b', { nodeId: 'n2' })];
    const plan = planService(global({ tasks, globalNodeIds: ['n1', 'n2'] }), NOW);
    expect(plan.create).toMatchObject([{ slot: 2, onlyNodeId: 'n1' }]);
    expect(plan.stop).toEqual([]);
  });

  it('gives the number of a node that is gone to the next one, once its task is over', () => {
    const stays = task('a', { nodeId: 'n1' });
    const gone = task('b', { slot: 2, nodeId: 'n2', desired: 'stopped' });
    const slotOf = (tasks: TaskView[]) =>
      planService(global({ tasks, globalNodeIds: ['n1', 'n3'] }), NOW).create.map(({ slot }) => slot);
    expect(slotOf([stays, gone])).toEqual([3]);
    expect(slotOf([stays, { ...gone, state: 'stopped', ready: false, endedAt: 1 }])).toEqual([2]);
    expect(slotOf([stays, failed({ slot: 2, nodeId: 'n2', state: 'lost' })])).toEqual([2]);
  });

  it('stops what was made for no node of its own, so that it takes no place from what was', () => {
    const tasks = [
      failed({ nodeId: 'n1' }),
      task('b', { state: 'pending', nodeId: undefined, node: 'none', createdAt: 1 }),
    ];
    const plan = planService(global({ tasks, globalNodeIds: ['n1'] }), NOW);
    expect(plan.stop).toMatchObject([{ taskId: 'b' }]);
    expect(plan.create).toMatchObject([{ slot: 1, onlyNodeId: 'n1' }]);
  });

  it('is on the nodes of the earlier revision again when it goes back there', () => {
    const revisions = ['r1', 'r2'].map((id) => revision(id, {}, { mode: 'global' }));
    const tasks = [task('a', { nodeId: 'n1' }), task('b', { slot: 2, nodeId: 'n2', revisionId: 'r2' })];
    const back = rollout({ state: 'rolling back', rollingBack: true });
    const nodes = { globalNodeIds: ['n1', 'n2'], backNodeIds: ['n1'] };
    const plan = planService(global({ revisions, tasks, rollout: back, ...nodes }), NOW);
    expect(plan.stop).toMatchObject([{ taskId: 'b' }]);
    expect(plan.create).toEqual([]);
  });

  it('knows the node of a task that has no place yet', () => {
    const tasks = [task('a', { state: 'pending', nodeId: undefined, onlyNodeId: 'n1', node: 'none' })];
    expect(planService(global({ tasks, globalNodeIds: ['n1'] }), NOW).create).toEqual([]);
  });
});
