import { describe, expect, it } from 'vitest';
import { readyTasks, rollout, snapshot } from '../../../test/samples.ts';
import { planService } from '../plan.ts';
import type { RolloutView, ServicePlan, ServiceSnapshot } from '../types.ts';

const NOW = 1_000_000;
const during = (desired: 'running' | 'stopped', more: Partial<RolloutView> = {}): ServiceSnapshot =>
  snapshot({ tasks: readyTasks(2), service: { desired }, rollout: rollout(more) });
/** The snapshot as the server reads it back after the plan was committed. */
const after = (seen: ServiceSnapshot, plan: ServicePlan): ServiceSnapshot => {
  const { reason = '', currentRevisionId: _, ...changed } = plan.rollout ?? {};
  const next = { ...seen.rollout, ...changed } as RolloutView;
  const { pausedReason: __, ...rest } = next;
  return { ...seen, rollout: next.state === 'paused' ? { ...rest, pausedReason: reason } : rest };
};
const started = (seen: ServiceSnapshot): ServiceSnapshot => ({
  ...seen,
  service: { ...seen.service, desired: 'running' },
});

describe('a rollout whose service is stopped', () => {
  it('is paused, says why, and has every task stopped', () => {
    const plan = planService(during('stopped'), NOW);
    expect(plan.rollout).toMatchObject({ state: 'paused', reason: 'paused by stopping the service' });
    expect(plan.events[0]?.text).toBe('Paused: the service was stopped; starting it carries the rollout on');
    expect(plan.stop).toHaveLength(2);
    expect(plan.next).toBe('Stopped. Starting it carries the rollout on.');
  });

  it('stays so without another word', () => {
    const seen = during('stopped');
    const again = planService(after(seen, planService(seen, NOW)), NOW + 1);
    expect(again.rollout).toBeUndefined();
    expect(again.events.map(({ kind }) => kind)).not.toContain('halt');
    expect(again.next).toBe('Stopped. Starting it carries the rollout on.');
  });

  it('goes on when the service is started, with nothing counted against it', () => {
    const seen = during('stopped', { failedSlots: [1], lastBatchAt: 5, allTurnedAt: 6 });
    const plan = planService(started(after(seen, planService(seen, NOW))), NOW + 60_000);
    expect(plan.rollout).toMatchObject({
      state: 'running',
      failedSlots: [],
      countFailuresSince: NOW + 60_000,
      allTurnedAt: 0,
    });
  });

  it('goes on rolling back when that is what it did', () => {
    const seen = during('stopped', { state: 'rolling back' });
    const halted = planService(seen, NOW);
    expect(halted.rollout).toMatchObject({ state: 'paused', rollingBack: true });
    expect(planService(started(after(seen, halted)), NOW).rollout?.state).toBe('rolling back');
  });

  it('keeps the pause of a person, also when the service is started', () => {
    const pause = { state: 'paused', pausedReason: 'paused by anna' } as const;
    const plan = planService(during('stopped', pause), NOW);
    expect(plan.rollout).toBeUndefined();
    expect(plan.next).toBe('Stopped. Its rollout stays paused.');
    expect(planService(during('running', pause), NOW).rollout).toBeUndefined();
  });
});
