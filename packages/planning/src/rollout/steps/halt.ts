import { isEnded } from '@portreeve/domain';
import type { Part } from '../part.ts';
import type { RolloutView, ServiceSnapshot } from '../types.ts';

/** Kept as the rollout's reason, by which starting the service knows a pause of its own making from a person's. */
const HALTED = 'paused by stopping the service';

/** Paused because its service was stopped: starting that carries it on, a person's pause stays. */
export const isHalted = (rollout: RolloutView): boolean =>
  rollout.state === 'paused' && rollout.pausedReason === HALTED;

/**
 * A stop pauses the rollout under way, since no task of it is left to be watched; the start of the service carries it
 * on from there, without what was counted against it before.
 */
export const haltOrGoOn = ({ service, rollout }: ServiceSnapshot, now: number): Part => {
  if (rollout === undefined || isEnded(rollout.state)) return {};
  if (service.desired === 'stopped' && rollout.state !== 'paused')
    return {
      events: [{ kind: 'halt', text: 'Paused: the service was stopped; starting it carries the rollout on' }],
      rollout: {
        state: 'paused',
        rollingBack: rollout.state === 'rolling back',
        reason: HALTED,
        pausedReason: HALTED,
      },
    };
  if (service.desired !== 'running' || !isHalted(rollout)) return {};
  return {
    events: [{ kind: 'resume', text: 'The service was started: the rollout goes on' }],
    rollout: {
      state: rollout.rollingBack ? 'rolling back' : 'running',
      reason: '',
      failedSlots: [],
      countFailuresSince: now,
      lastBatchAt: 0,
      lastBatchReadyAt: 0,
      allTurnedAt: 0,
    },
  };
};
