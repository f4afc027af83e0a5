import { describe, expect, it } from 'vitest';
import { rollout, snapshot, task } from '../../../test/samples.ts';
import { planService } from '../plan.ts';

const NOW = 1_000_000;

describe('a task on a host that is gone', () => {
  it('is left alone while its host is only silent', () => {
    const plan = planService(snapshot({ tasks: [task('a', { node: 'silent' })] }), NOW);
    expect(plan).toMatchObject({ lose: [], create: [] });
    expect(plan.next).toBe('Waiting for a word from the host of slot 1, or the end of its lease.');
  });

  it('is lost and replaced in one plan once the lease has ended', () => {
    const plan = planService(snapshot({ tasks: [task('a', { node: 'lost', nodeId: 'n1' })] }), NOW);
    expect(plan.lose).toEqual(['a']);
    expect(plan.create).toMatchObject([
      { slot: 1, replaces: 'a', avoidNodeIds: ['n1'], reason: 'the host of its last task was lost' },
    ]);
  });

  it('waits for the host that has its data', () => {
    const plan = planService(snapshot({ tasks: [task('a', { node: 'lost', hasLocalVolume: true })] }), NOW);
    expect(plan).toMatchObject({ lose: [], create: [] });
    expect(plan.waitingOn).toEqual([
      { kind: 'silent-node', slots: [1], sentence: 'the host of slot 1, which is silent and has the data' },
    ]);
  });

  it('is lost with its data when nobody wants it any more', () => {
    const gone = task('a', { node: 'lost', hasLocalVolume: true, desired: 'stopped', state: 'stopping' });
    expect(planService(snapshot({ tasks: [gone], service: { replicas: 0 } }), NOW).lose).toEqual(['a']);
  });

  it('is lost when its host was removed', () => {
    expect(planService(snapshot({ tasks: [task('a', { node: 'removed' })] }), NOW).lose).toEqual(['a']);
  });

  it('is replaced on its own revision in the middle of a rollout, and is no failure of the new one', () => {
    const tasks = [
      task('new', { revisionId: 'r2', node: 'lost', createdAt: 200_000 }),
      task('flying', { slot: 2, revisionId: 'r2', ready: false, createdAt: 200_000 }),
    ];
    const plan = planService(snapshot({ tasks, rollout: rollout() }), NOW);
    expect(plan.create).toMatchObject([{ slot: 1, revisionId: 'r2' }]);
    expect(plan.rollout).toBeUndefined();
  });
});
