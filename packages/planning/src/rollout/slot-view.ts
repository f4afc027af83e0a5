import { revisionOf, type Target } from './target.ts';
import { isActive, isLeaving, isReady, lastSeen, mustMove } from './task-view.ts';
import type { ServiceSnapshot, TaskView } from './types.ts';
import type { WantedSlot } from './wanted.ts';

/** One slot of a service, its tasks sorted out by the part they play. */
export type SlotView = WantedSlot & {
  /** The task the slot is heading for. */
  head?: TaskView;
  /** The one that serves until the head does, on an older revision or on a host being emptied. */
  tail?: TaskView;
  /** Neither; to be stopped. */
  surplus: TaskView[];
  leaving: TaskView[];
  /** The last task that ended by itself. */
  last?: TaskView;
  ready: boolean;
  /** A task that is meant to end has ended well (or may not be tried again): nothing more to do here. */
  over: boolean;
};

const newestFirst = (a: TaskView, b: TaskView): number => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
// One on a silent host may still serve, which is more than one that never did.
const serves = (task: TaskView): number => (isReady(task) ? 2 : task.ready ? 1 : 0);
const readyFirst = (a: TaskView, b: TaskView): number => serves(b) - serves(a);
const startedFirst = (a: TaskView, b: TaskView): number => Number(a.hold) - Number(b.hold);

const levelOf = (task: TaskView, target: Target | undefined): number =>
  (target === undefined || target.isOn(task) ? 2 : 0) + (mustMove(task) ? 0 : 1);

const isOver = (
  seen: ServiceSnapshot,
  target: Target | undefined,
  last: TaskView,
  active: TaskView[],
): boolean => {
  if (target?.moving === true && !target.isOn(last)) return false;
  if (active.some((task) => task.createdAt > last.createdAt)) return false;
  const revision = revisionOf(seen, last.revisionId);
  if (revision?.oneShot !== true) return false;
  return last.state === 'complete' || (last.state === 'failed' && revision.restartCondition === 'none');
};

const stageTasks = (active: TaskView[], target: Target | undefined) => {
  const level = (task: TaskView) => levelOf(task, target);
  const sorted = active.toSorted(
    (a, b) => level(b) - level(a) || readyFirst(a, b) || startedFirst(a, b) || newestFirst(a, b),
  );
  const [head, ...others] = sorted;
  if (head === undefined) return { surplus: [] };
  // Only a task of a lower level is being replaced by the head; one of its own level is a double.
  const tail = isReady(head)
    ? undefined
    : others.filter((t) => level(t) < level(head)).sort((a, b) => readyFirst(a, b) || newestFirst(a, b))[0];
  return { head, ...(tail && { tail }), surplus: others.filter((task) => task !== tail) };
};

/** Sorts out the tasks of one wanted slot; `tasks` are all of that slot in the snapshot. */
export const viewSlot = (
  seen: ServiceSnapshot,
  target: Target | undefined,
  wanted: WantedSlot,
  tasks: TaskView[],
): SlotView => {
  const leaving = tasks.filter(isLeaving);
  const finished = tasks.filter((task) => task.desired === 'running' && !isActive(task));
  const last = finished.sort((a, b) => lastSeen(b) - lastSeen(a))[0];
  const active = tasks.filter(isActive);
  if (last !== undefined && isOver(seen, target, last, active))
    return { ...wanted, surplus: active, leaving, last, ready: last.state === 'complete', over: true };
  const stage = stageTasks(active, target);
  return { ...wanted, ...stage, leaving, ...(last && { last }), ready: active.some(isReady), over: false };
};
