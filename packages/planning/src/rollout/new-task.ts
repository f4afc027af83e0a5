import { isFinal } from '@portreeve/domain';
import type { ServiceView } from './service-view.ts';
import type { SlotView } from './slot-view.ts';
import { isReady } from './task-view.ts';
import type { NewTask, ServicePlan, TaskView } from './types.ts';

const endedBadly = (task: TaskView): boolean =>
  task.desired === 'running' &&
  (task.state === 'failed' || task.state === 'rejected' || task.state === 'lost');

/** Hosts where the slot had bad luck, and the one it is about to leave. */
const nodesToAvoid = (view: ServiceView, slot: SlotView): string[] => {
  const ids = view.seen.tasks
    .filter((task) => task.slot === slot.slot && endedBadly(task))
    .flatMap((task) => task.nodeId ?? []);
  if (slot.head?.node === 'draining' && slot.head.nodeId !== undefined) ids.push(slot.head.nodeId);
  return [...new Set(ids)];
};

// Two containers cannot hold one host port, and should not write to one volume.
const holdsWhatTheNextNeeds = (task: TaskView): boolean =>
  !isFinal(task.state) && (task.publishesHostPort || task.hasLocalVolume);

/** A new task for a slot, on a revision, for a reason. */
export const newTask = (
  view: ServiceView,
  slot: SlotView,
  wish: { revisionId: string; hold: boolean; reason: string },
): NewTask => {
  const replaces = slot.head?.id ?? slot.last?.id;
  return {
    slot: slot.slot,
    revisionId: wish.revisionId,
    hold: wish.hold || slot.leaving.some(holdsWhatTheNextNeeds),
    ...(replaces !== undefined && { replaces }),
    ...(slot.onlyNodeId !== undefined && { onlyNodeId: slot.onlyNodeId }),
    avoidNodeIds: slot.onlyNodeId === undefined ? nodesToAvoid(view, slot) : [],
    reason: wish.reason,
  };
};

/**
 * A slot has two tasks at most. Where one is being replaced already and a third is to be made, the one that
 * serves stays and the other stops at once.
 */
export const stopSuperseded = (slots: SlotView[]): ServicePlan['stop'] =>
  slots.flatMap(({ head, tail }) => {
    if (head === undefined || tail === undefined) return [];
    return [{ taskId: (isReady(tail) ? head : tail).id, reason: 'another task takes its place' }];
  });
