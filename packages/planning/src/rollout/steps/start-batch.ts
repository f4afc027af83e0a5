import { formatDuration } from '@portreeve/domain';
import { replaceableAt } from '../backoff.ts';
import { newTask, stopSuperseded } from '../new-task.ts';
import type { Part } from '../part.ts';
import { phaseOf } from '../phase.ts';
import type { ServiceView } from '../service-view.ts';
import type { SlotView } from '../slot-view.ts';
import type { Target } from '../target.ts';
import { isReady, mustMove, slotsOf, waitsForItsNode } from '../task-view.ts';
import type { TaskView } from '../types.ts';
import { capital, listed, slotsInWords } from '../words.ts';
import { lackOf } from './judge-failures.ts';

type Gate = { until: number; kind: 'delay' | 'monitor' };

/** When the next batch may start, counted from when the last one was ready. */
const gateOf = ({ policy }: Target, lastReadyAt: number): Gate => {
  const delayed: Gate = { until: lastReadyAt + policy.delayMs, kind: 'delay' };
  const monitored: Gate = { until: lastReadyAt + policy.monitorMs, kind: 'monitor' };
  return policy.gateEachBatch && monitored.until > delayed.until ? monitored : delayed;
};

// What does not serve goes first, and costs nothing: that without a host before all, so that no other takes the last
// place, which it might hold for long. Then what has to leave its host anyway.
const urgency = ({ ready, head }: SlotView): number => {
  if (!ready) return head === undefined || head.node === 'none' ? 0 : 1;
  return head !== undefined && mustMove(head) ? 2 : 3;
};

/** Slots still to be turned, in the order in which they are taken. */
export const pendingSlots = (view: ServiceView, target: Target): SlotView[] => {
  const failed = new Set(target.rollout.failedSlots);
  return view.slots
    .filter((slot) => ['old', 'dead'].includes(phaseOf(slot, target)))
    .filter(({ head }) => head === undefined || !waitsForItsNode(head))
    .sort(
      (a, b) =>
        Number(failed.has(a.slot)) - Number(failed.has(b.slot)) || urgency(a) - urgency(b) || a.slot - b.slot,
    );
};

// Failed, let pass, and at it again: the next batch does not wait for it until it has a fresh task.
const isStuck = ({ slot, head }: SlotView, target: Target, now: number): boolean =>
  target.rollout.failedSlots.includes(slot) &&
  (head === undefined || head.attempts > 1 || head.unhealthy === true || lackOf(head, now) !== undefined);

/** Slots on their way that the next batch waits for. */
export const slotsInFlight = (view: ServiceView, target: Target): SlotView[] =>
  view.slots.filter(
    (slot) =>
      ['turning', 'empty'].includes(phaseOf(slot, target)) &&
      !isStuck(slot, target, view.now) &&
      !(slot.head?.node === 'lost' && waitsForItsNode(slot.head)),
  );

/** How many slots one batch takes. */
export const batchSize = (view: ServiceView, target: Target): number => {
  const { parallelism } = target.policy;
  if (parallelism === 0) return view.slots.length;
  const stuck = view.slots.filter(
    (slot) => phaseOf(slot, target) === 'turning' && isStuck(slot, target, view.now),
  );
  return Math.max(1, parallelism - stuck.length);
};

/** Which of the tasks on nodes that are dropped one batch takes. */
export const droppedBatch = (view: ServiceView, { policy }: Target): TaskView[] =>
  view.dropped.slice(0, policy.parallelism === 0 ? view.dropped.length : policy.parallelism);

const waitFor = ({ until, kind }: Gate, view: ServiceView): Part => {
  const left = formatDuration(until - view.now);
  const sentence =
    kind === 'delay' ? `the delay, ${left} more` : `the last slots to stay ready, ${left} more`;
  return { waitingOn: [{ kind, until, sentence }], wakeAt: [until] };
};

const begin = (view: ServiceView, target: Target, slots: SlotView[]): Part => {
  const holds = view.order === 'stop-first';
  const how = holds ? 'images first, then the old tasks stop' : 'new tasks first, then the old ones stop';
  const text = `${capital(slotsInWords(slots.map(({ slot }) => slot)))} now: ${how}`;
  const reason = target.back ? 'rolled back' : 'rolled to the new revision';
  const create = slots.map((slot) =>
    newTask(view, slot, { revisionId: target.revisionId, hold: holds && slot.head !== undefined, reason }),
  );
  return {
    create,
    stop: stopSuperseded(slots),
    events: [{ kind: 'batch', text }],
    rollout: { lastBatchAt: view.now, lastBatchReadyAt: 0 },
  };
};

const leave = (view: ServiceView, tasks: TaskView[]): Part => ({
  stop: tasks.map(({ id }) => ({ taskId: id, reason: 'its node is not one of the service any more' })),
  events: [
    { kind: 'batch', text: `${capital(slotsInWords(slotsOf(tasks)))} now: off nodes that are dropped` },
  ],
  rollout: { lastBatchAt: view.now, lastBatchReadyAt: 0 },
});

// Back-off is for trying the same again; what failed before does not delay its remedy.
const isDue = (view: ServiceView, target: Target, { slot, last }: SlotView): boolean =>
  last === undefined || !target.isOn(last) || replaceableAt(view.seen, slot) <= view.now;

/** Its image is there, but its old task may not stop while so many other slots are down. */
const waitsAtFloor = (view: ServiceView, { head, tail }: SlotView): boolean =>
  view.readyCount <= view.floor &&
  head?.hold === true &&
  head.imageReady &&
  tail !== undefined &&
  isReady(tail);

const waitForRollouts = (services: string[]): Part => {
  const which = `the ${services.length === 1 ? 'rollout' : 'rollouts'} of ${listed(services)} to end`;
  return { waitingOn: [{ kind: 'dependencies', services, sentence: which }] };
};

/**
 * Starts the next slots of the rollout when the last are ready and the delay is over. Where those wait for
 * other slots to be ready, and these are down on what the rollout replaces, it is them that must be turned. Nodes that
 * are dropped come after all others: until then there is least to put back.
 */
export const startBatch = (view: ServiceView): Part => {
  const { target, now } = view;
  if (!target?.moving) return {};
  const pending = pendingSlots(view, target);
  const { rollsAfter } = view.seen.service;
  // What went wrong is undone whatever else is under way.
  const left = pending.length + view.dropped.length;
  if (rollsAfter.length > 0 && left > 0 && !target.back) return waitForRollouts(rollsAfter);
  const due = pending.filter((slot) => isDue(view, target, slot));
  const size = batchSize(view, target);
  const flying = slotsInFlight(view, target);
  if (flying.length > 0) {
    const down = flying.every((slot) => waitsAtFloor(view, slot)) ? due.filter(({ ready }) => !ready) : [];
    return down.length === 0 ? {} : begin(view, target, down.slice(0, size));
  }
  if (view.dropping.length > 0) return {};

  const { lastBatchAt = 0, lastBatchReadyAt = 0 } = target.rollout;
  const fresh = lastBatchAt > 0 && lastBatchReadyAt === 0;
  const rollout = fresh ? { rollout: { lastBatchReadyAt: now } } : {};
  if (left === 0) return rollout;
  const gate = gateOf(target, fresh ? now : lastBatchReadyAt);
  if (lastBatchAt > 0 && now < gate.until) return { ...waitFor(gate, view), ...rollout };
  if (pending.length === 0) return leave(view, droppedBatch(view, target));
  return due.length === 0 ? rollout : begin(view, target, due.slice(0, size));
};
