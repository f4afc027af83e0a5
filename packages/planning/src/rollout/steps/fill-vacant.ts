import { formatDuration } from '@portreeve/domain';
import { replaceableAt } from '../backoff.ts';
import { newTask } from '../new-task.ts';
import type { Part } from '../part.ts';
import type { ServiceView } from '../service-view.ts';
import type { SlotView } from '../slot-view.ts';
import { isActive } from '../task-view.ts';
import { capital, slotsInWords } from '../words.ts';

/** Revisions that may still be started: an ended task of another one must not bring it back. */
const livingRevisions = ({ seen }: ServiceView): Set<string> => {
  const running = seen.tasks.filter(isActive).map(({ revisionId }) => revisionId);
  const rolled = seen.rollout === undefined ? [] : [seen.rollout.toRevisionId, seen.rollout.fromRevisionId];
  return new Set([seen.service.currentRevisionId, ...running, ...rolled].filter((id) => id !== undefined));
};

/**
 * A slot that never had a task gets what the service is moving to. One whose task died gets the revision it
 * was on, because only a batch of the rollout turns a slot; on the way back the failed one is not made again.
 */
const revisionFor = (view: ServiceView, { last }: SlotView): string => {
  const { target, seen } = view;
  if (target?.moving && (last === undefined || target.back)) return target.revisionId;
  if (last !== undefined && livingRevisions(view).has(last.revisionId)) return last.revisionId;
  return seen.service.currentRevisionId;
};

const REASONS: Record<string, string> = {
  failed: 'its last task failed',
  rejected: 'its last task was rejected',
  lost: 'the host of its last task was lost',
  complete: 'its last task ended',
  stopped: 'its last task was stopped by someone else',
};

const reasonFor = ({ last }: SlotView): string =>
  last === undefined ? 'the slot had no task' : (REASONS[last.state] ?? 'its last task ended');

const waitSentence = (slot: number, ms: number): string =>
  `slot ${slot} to be tried again in ${formatDuration(ms)}, because it failed several times in a row`;

/** Nothing of a first rollout that is paused begins; what it began before is kept up. */
const isPausedBefore = ({ target }: ServiceView, { last }: SlotView): boolean =>
  target?.first === true && !target.moving && last === undefined;

/** Makes tasks for slots that have none, with back-off where they keep failing. */
export const fillVacant = (view: ServiceView, taken: ReadonlySet<number>): Part => {
  const { seen, now } = view;
  const vacant = view.slots
    .filter(({ slot, head, over }) => head === undefined && !over && !taken.has(slot))
    .filter((slot) => !isPausedBefore(view, slot));
  if (vacant.length === 0) return {};
  if (!seen.service.dependenciesMet)
    return { waitingOn: [{ kind: 'dependencies', services: seen.service.waitingFor }] };

  const due = vacant.filter(({ slot }) => replaceableAt(seen, slot) <= now);
  const later = vacant.filter(({ slot }) => replaceableAt(seen, slot) > now);
  const create = due.map((slot) =>
    newTask(view, slot, { revisionId: revisionFor(view, slot), hold: false, reason: reasonFor(slot) }),
  );
  const events = [...Map.groupBy(due, reasonFor)].map(([reason, slots]) => ({
    kind: 'create',
    text: `${capital(slotsInWords(slots.map(({ slot }) => slot)))}: new ${slots.length === 1 ? 'task' : 'tasks'}, because ${reason}`,
  }));
  const waitingOn = later.map(({ slot }) => {
    const until = replaceableAt(seen, slot);
    return { kind: 'replacement-backoff' as const, slot, until, sentence: waitSentence(slot, until - now) };
  });
  return { create, events, waitingOn, wakeAt: waitingOn.map(({ until }) => until) };
};
