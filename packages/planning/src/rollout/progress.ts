import { phaseOf } from './phase.ts';
import { viewService } from './service-view.ts';
import type { SlotView } from './slot-view.ts';
import { isReady } from './task-view.ts';
import type { ServiceSnapshot, TaskView } from './types.ts';

/** One cell of the grid of slots. */
export type SlotProgress = {
  slot: number;
  phase: 'old' | 'pulling' | 'starting' | 'health' | 'monitoring' | 'done';
  /** The task the phase speaks of: the new one once there is one. */
  taskId?: string;
  revisionId?: string;
  /** The task that still serves beside it. */
  oldTaskId?: string;
  ready: boolean;
  failed: boolean;
};

const startPhase = (task: TaskView | undefined): SlotProgress['phase'] => {
  if (task?.state === 'running') return 'health';
  return task?.state === 'starting' || task?.imageReady === true ? 'starting' : 'pulling';
};

/**
 * Per slot, how far the rollout has come; without one, how far each slot is from being ready. `now` tells
 * `monitoring` from `done`.
 */
export const rolloutProgress = (seen: ServiceSnapshot, now: number): SlotProgress[] => {
  const view = viewService(seen, now);
  const { target } = view;
  const monitorMs = target?.policy.monitorMs ?? 0;
  const phase = (slot: SlotView): SlotProgress['phase'] => {
    const { head, over } = slot;
    if (target !== undefined && ['old', 'dead'].includes(phaseOf(slot, target))) return 'old';
    if (!over && (head === undefined || !isReady(head))) return startPhase(head);
    const readyAt = head?.firstReadyAt ?? head?.readySince;
    return readyAt !== undefined && now < readyAt + monitorMs ? 'monitoring' : 'done';
  };
  const dropped = view.dropped.map((task): SlotProgress => {
    const { id, slot, revisionId } = task;
    return { slot, phase: 'old', taskId: id, revisionId, ready: isReady(task), failed: false };
  });
  const turning = view.slots.map((slot): SlotProgress => {
    const { head, tail, last } = slot;
    const shown = head ?? last;
    return {
      slot: slot.slot,
      phase: phase(slot),
      ...(shown && { taskId: shown.id, revisionId: shown.revisionId }),
      ...(tail && { oldTaskId: tail.id }),
      ready: slot.ready,
      failed: seen.rollout?.failedSlots.includes(slot.slot) === true,
    };
  });
  return [...turning, ...dropped];
};
