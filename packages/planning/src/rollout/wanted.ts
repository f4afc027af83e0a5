import { isFinal } from '@portreeve/domain';
import { modeOf, nodesWanted, targetOf } from './target.ts';
import { homeOf, isActive, isReady, lastSeen } from './task-view.ts';
import type { ServiceSnapshot, TaskView } from './types.ts';

export type WantedSlot = { slot: number; onlyNodeId?: string };

const lowestFree = (used: ReadonlySet<number>): number => {
  let slot = 1;
  while (used.has(slot)) slot += 1;
  return slot;
};

/** A slot lives while a task of it is wanted: running, or over by itself and to be replaced. */
const isHeld = (task: TaskView): boolean => task.desired === 'running';

// What scaling down takes last: ready and staying, ready on a host being emptied, on its way, over.
const worth = (tasks: TaskView[]): number => {
  if (tasks.some((task) => isReady(task) && task.node !== 'draining')) return 4;
  if (tasks.some((task) => isReady(task))) return 3;
  if (tasks.some((task) => task.state === 'complete')) return 3;
  return tasks.some(isActive) ? 2 : 1;
};

const replicatedSlots = (seen: ServiceSnapshot): WantedSlot[] => {
  const held = Map.groupBy(seen.tasks.filter(isHeld), (task) => task.slot);
  const kept = [...held]
    .map(([slot, tasks]) => ({ slot, worth: worth(tasks) }))
    .sort((a, b) => b.worth - a.worth || a.slot - b.slot)
    .slice(0, seen.service.replicas)
    .map(({ slot }) => slot);
  const used = new Set(kept);
  while (used.size < seen.service.replicas) used.add(lowestFree(used));
  return [...used].sort((a, b) => a - b).map((slot) => ({ slot }));
};

/** The task that says which slot a node has: one that is not over, else the newest. */
const ofNode = (tasks: TaskView[]): TaskView | undefined =>
  tasks.toSorted(
    (a, b) =>
      Number(isFinal(a.state)) - Number(isFinal(b.state)) || lastSeen(b) - lastSeen(a) || a.slot - b.slot,
  )[0];

const globalSlots = (seen: ServiceSnapshot): WantedSlot[] => {
  const held = Map.groupBy(seen.tasks.filter(isHeld), (task) => homeOf(task) ?? '');
  // Silence is not a wish: a node that has fallen silent keeps its slot until it is lost, also while the task that tells
  // of its silence is on its way out and the next one has no place yet.
  const silent = new Set(
    seen.tasks.filter((t) => !isFinal(t.state) && (t.node === 'silent' || t.node === 'lost')).map(homeOf),
  );
  const waiting = seen.tasks.filter((task) => isActive(task) && silent.has(homeOf(task)));
  const nodeIds = new Set([...nodesWanted(seen), ...waiting.flatMap((task) => homeOf(task) ?? [])]);
  // A slot is one node's, though a service that was replicated until now may have tasks of it on two.
  const homes = new Map<string, number>();
  const own = [...nodeIds].flatMap((nodeId) => {
    const task = ofNode(held.get(nodeId) ?? []);
    return task === undefined ? [] : [{ nodeId, task }];
  });
  for (const { nodeId, task } of own.sort((a, b) => Number(isActive(b.task)) - Number(isActive(a.task))))
    if (![...homes.values()].includes(task.slot)) homes.set(nodeId, task.slot);
  // Numbers of nodes that are gone are given again: where nodes come and go they would never end.
  const running = seen.tasks.filter((task) => !isFinal(task.state)).map(({ slot }) => slot);
  // Not that of a slot which has failed: what fails on the node that comes would not be counted.
  const failed = targetOf(seen)?.rollout.failedSlots ?? [];
  const used = new Set([...running, ...failed, ...homes.values()]);
  return [...nodeIds].map((onlyNodeId) => {
    const slot = homes.get(onlyNodeId) ?? lowestFree(used);
    used.add(slot);
    return { slot, onlyNodeId };
  });
};

/**
 * The slots that a service should have now. Scaling down keeps what is ready and of that the lowest numbers;
 * global mode has one slot per node, which stays that node's.
 */
export const wantedSlots = (seen: ServiceSnapshot): WantedSlot[] => {
  if (seen.service.desired !== 'running') return [];
  return modeOf(seen) === 'global' ? globalSlots(seen) : replicatedSlots(seen);
};
