import { type SlotView, viewSlot } from './slot-view.ts';
import { modeOf, nodesDropped, type Target, targetOf } from './target.ts';
import { homeOf, isActive, isLeaving } from './task-view.ts';
import type { ServiceSnapshot, TaskView } from './types.ts';
import { wantedSlots } from './wanted.ts';

/** The snapshot as the steps of the plan read it. */
export type ServiceView = {
  seen: ServiceSnapshot;
  now: number;
  target?: Target;
  slots: SlotView[];
  /** Tasks of slots that are not wanted any more. */
  unwanted: TaskView[];
  /** Old tasks on nodes that the rollout drops: the last that it takes, batch by batch. */
  dropped: TaskView[];
  /** Those of them that are stopping now. */
  dropping: TaskView[];
  order: 'start-first' | 'stop-first';
  /** Fewer slots than this are never ready by our doing. */
  floor: number;
  readyCount: number;
};

// A new task that must go to the host of the old one cannot have the host port that the old one still holds.
const orderOf = (seen: ServiceSnapshot, target: Target | undefined): ServiceView['order'] => {
  const isGlobal = modeOf(seen) === 'global';
  const bound = (task: TaskView) => isGlobal || task.hasLocalVolume;
  const blocks = seen.tasks.some((task) => isActive(task) && task.publishesHostPort && bound(task));
  return blocks ? 'stop-first' : (target?.policy.order ?? 'start-first');
};

const floorOf = (wanted: number, order: ServiceView['order'], target: Target | undefined): number => {
  if (order === 'start-first' || target === undefined) return wanted;
  const { parallelism } = target.policy;
  return parallelism === 0 ? 0 : Math.max(0, wanted - parallelism);
};

/** Whether a task is one that the rollout takes off its node for good. */
const droppedBy = (seen: ServiceSnapshot, target: Target | undefined): ((task: TaskView) => boolean) => {
  if (seen.service.desired !== 'running') return () => false;
  const nodes = nodesDropped(seen, target);
  return (task) => nodes.has(homeOf(task) ?? '') && target?.isOn(task) === false;
};

/** Sorts a snapshot into slots; nothing is decided yet. */
export const viewService = (seen: ServiceSnapshot, now: number): ServiceView => {
  const target = targetOf(seen);
  const wanted = wantedSlots(seen);
  const tasksOf = Map.groupBy(seen.tasks, (task) => task.slot);
  const slots = wanted.map((slot) => {
    const own = tasksOf.get(slot.slot) ?? [];
    // Made elsewhere while the service was not one of every node yet, a task is no other node's.
    const here = slot.onlyNodeId === undefined ? own : own.filter((t) => homeOf(t) === slot.onlyNodeId);
    return viewSlot(seen, target, slot, here);
  });
  const needed = new Set(slots.flatMap(({ head, tail, surplus }) => [head, tail, ...surplus]));
  const order = orderOf(seen, target);
  const isDropped = droppedBy(seen, target);
  const unneeded = seen.tasks.filter((task) => isActive(task) && !needed.has(task));
  return {
    seen,
    now,
    ...(target && { target }),
    slots,
    unwanted: unneeded.filter((task) => !isDropped(task)),
    dropped: unneeded.filter(isDropped).sort((a, b) => a.slot - b.slot),
    dropping: seen.tasks.filter((task) => isLeaving(task) && isDropped(task)),
    order,
    floor: floorOf(slots.length, order, target),
    readyCount: slots.filter(({ ready }) => ready).length,
  };
};
