import { formatDuration, isEnded } from '@portreeve/domain';
import { phaseOf } from './phase.ts';
import type { ServiceView } from './service-view.ts';
import { isHalted } from './steps/halt.ts';
import { batchSize, droppedBatch, pendingSlots, slotsInFlight } from './steps/start-batch.ts';
import type { Target } from './target.ts';
import type { WaitingOn } from './types.ts';
import { capital, listed, slotNumbers, slotsInWords } from './words.ts';

const numbers = (slots: { slot: number }[]): number[] => slots.map(({ slot }) => slot);

const floorSentence = ({ floor, readyCount }: ServiceView): string =>
  `Never fewer than ${floor} ready; now ${readyCount}.`;

const whenReady = (slots: number[]): string =>
  `${slotNumbers(slots)} ${slots.length === 1 ? 'is' : 'are'} ready`;

const batchSentence = (view: ServiceView, target: Target, started: number[]): string => {
  const pending = pendingSlots(view, target).filter(({ slot }) => !started.includes(slot));
  const coming = numbers(pending.slice(0, batchSize(view, target))).sort((a, b) => a - b);
  const flying = [...new Set([...numbers(slotsInFlight(view, target)), ...started])];
  const { delayMs, monitorMs, gateEachBatch } = target.policy;
  const conditions = flying.length > 0 ? [whenReady(flying)] : [];
  const leaving = numbers(droppedBatch(view, target));
  if (coming.length === 0 && leaving.length === 0) {
    const ready = flying.length > 0 ? [`${flying.length === 1 ? 'slot' : 'slots'} ${whenReady(flying)}`] : [];
    const stayed = monitorMs > 0 ? [`all have stayed ready for ${formatDuration(monitorMs)}`] : [];
    const when = listed([...ready, ...stayed]);
    return `Next: ${target.back ? 'rolled back' : 'done'}${when === '' ? '' : `, when ${when}`}.`;
  }
  if (delayMs > 0) conditions.push(`${formatDuration(delayMs)} have passed`);
  if (gateEachBatch) conditions.push(`they have stayed ready for ${formatDuration(monitorMs)}`);
  const when = conditions.length === 0 ? '' : `, when ${listed(conditions)}`;
  return coming.length > 0
    ? `Next: ${slotsInWords(coming)}${when}.`
    : `Next: ${slotsInWords(leaving)} off ${leaving.length === 1 ? 'a node that is' : 'nodes that are'} dropped${when}.`;
};

const steadySentence = (view: ServiceView, waitingOn: WaitingOn[]): string => {
  const total = view.slots.length;
  const reasons = waitingOn.map((w) =>
    w.kind === 'dependencies' ? (w.sentence ?? `${listed(w.services)} to be there`) : w.sentence,
  );
  if (reasons.length > 0) return `Waiting for ${listed(reasons)}.`;
  return total === 0
    ? 'Nothing to do: no task is wanted.'
    : `Nothing to do: ${view.readyCount} of ${total} ready.`;
};

/** The rule that comes next, as one or two sentences; `started` are the slots that this plan has begun. */
export const nextSentence = (view: ServiceView, waitingOn: WaitingOn[], started: number[]): string => {
  const { target, seen } = view;
  if (seen.service.desired === 'removed') return 'Removed: every task stops.';
  if (seen.service.desired === 'stopped') {
    if (target === undefined) return 'Stopped. Start it, or apply its stack, to have it run.';
    return `Stopped. ${isHalted(target.rollout) ? 'Starting it carries the rollout on.' : 'Its rollout stays paused.'}`;
  }
  if (target === undefined || isEnded(target.rollout.state)) return steadySentence(view, waitingOn);
  if (target.rollout.state === 'paused') {
    const dropped = view.dropped.length;
    const left = view.slots.filter((slot) => phaseOf(slot, target) !== 'turned').length + dropped;
    const reason = capital(target.rollout.pausedReason ?? 'by hand');
    return `Paused with ${left} of ${view.slots.length + dropped} slots to go. ${reason}. Resume, abort or go back.`;
  }
  const dependencies = waitingOn.find((w) => w.kind === 'dependencies');
  if (dependencies !== undefined) return steadySentence(view, [dependencies]);
  if (target.first) return batchSentence(view, target, started);
  return `${batchSentence(view, target, started)} ${floorSentence(view)}`;
};
