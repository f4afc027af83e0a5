import { formatDuration, type TaskState } from '@portreeve/domain';
import type { Part } from '../part.ts';
import { type Target, targetOf } from '../target.ts';
import { slotsOf } from '../task-view.ts';
import type { RolloutView, ServiceSnapshot, TaskView } from '../types.ts';
import { wantedSlots } from '../wanted.ts';
import { capital, listed, slotsInWords } from '../words.ts';

// What is deployed for the first time may be there before what it talks to: a few attempts are no failure.
const ATTEMPTS_ALLOWED_FIRST = 3;
const ATTEMPTS_ALLOWED = 1;

// Long enough for a host to come back or be added, short enough that nobody finds it waiting next morning.
const PATIENCE_MS = 5 * 60_000;

const MINUTE_MS = 60_000;

const BEFORE_IT_RUNS: ReadonlySet<TaskState> = new Set(['assigned', 'accepted', 'preparing', 'starting']);

/**
 * When a task that lacks nothing, on a host that is heard, has not been started for so long that its engine must hang:
 * such an engine says nothing by itself. By whole minutes, so that not each word of a host sets another moment.
 */
const hangsAt = (task: TaskView): number | undefined => {
  const mayStart = task.imageReady && !task.hold && task.node === 'ready' && BEFORE_IT_RUNS.has(task.state);
  if (!mayStart || task.heardSince === undefined) return undefined;
  const since = Math.max(task.stateSince ?? task.createdAt, task.heardSince);
  return Math.ceil((since + PATIENCE_MS) / MINUTE_MS) * MINUTE_MS;
};

type Lack = 'node' | 'image' | 'start';

/** What a task waits for that may never come; nothing when it goes its way. */
export const lackOf = (task: TaskView, now: number): Lack | undefined => {
  if (task.state === 'pending' && task.node === 'none') return 'node';
  if (task.pullFails === true && !task.imageReady) return 'image';
  return now >= (hangsAt(task) ?? Number.POSITIVE_INFINITY) ? 'start' : undefined;
};

/** When it has waited long enough for a node or its image. */
const outOfPatienceAt = (task: TaskView, now: number): number | undefined =>
  ['node', 'image'].includes(lackOf(task, now) ?? '') ? task.createdAt + PATIENCE_MS : undefined;

/** How a task ended is said a moment after it was no longer ready: the failure is judged when it can be told. */
const SAID_WITHIN_MS = 2_000;

const isUnhealthy = ({ unhealthy, unreadySince }: TaskView, now: number): boolean =>
  unhealthy === true && (unreadySince === undefined || now >= unreadySince + SAID_WITHIN_MS);

/** When the task failed, if it did. A lost host is not the revision's fault. */
const failedAt = (target: Target, task: TaskView, now: number): number | undefined => {
  if (task.state === 'failed' || task.state === 'rejected') return task.endedAt ?? now;
  // What is deployed first may wait for its hosts and its registry.
  const patience = target.first ? undefined : outOfPatienceAt(task, now);
  if (patience !== undefined) return now >= patience ? now : undefined;
  if (!target.first && lackOf(task, now) === 'start') return now;
  const failing =
    isUnhealthy(task, now) || task.attempts > (target.first ? ATTEMPTS_ALLOWED_FIRST : ATTEMPTS_ALLOWED);
  if (!failing) return undefined;
  if (task.unreadySince === undefined) return task.lastFailureAt ?? now;
  // What was not ready at a resume and still is not fails again.
  return Math.max(task.unreadySince, target.rollout.countFailuresSince ?? 0);
};

const isOfRollout = (target: Target, task: TaskView): boolean =>
  task.desired === 'running' && target.isOn(task) && task.createdAt >= target.rollout.startedAt;

const countsAgainst = (target: Target, task: TaskView, now: number): boolean => {
  const { startedAt, countFailuresSince } = target.rollout;
  const at = isOfRollout(target, task) ? failedAt(target, task, now) : undefined;
  if (at === undefined || at < (countFailuresSince ?? startedAt)) return false;
  const readyAt = task.firstReadyAt ?? task.readySince;
  if (readyAt === undefined) return true;
  // A failure before the present readiness was judged when it was seen; how it stood to the first is not known.
  if (task.firstReadyAt === undefined && at < readyAt) return false;
  return at <= readyAt + target.policy.monitorMs;
};

/** As many as a sentence bears: names in the words of engines make each failure another one. */
const MOST_WAYS = 3;

const describe = (target: Target, failing: TaskView[], now: number): string => {
  const waited = formatDuration(PATIENCE_MS);
  // What failed in the same way is told together, with the way it failed.
  const told = (lack: Lack | undefined, words: string): string[] => {
    const tasks = failing.filter((task) => (target.first ? undefined : lackOf(task, now)) === lack);
    const ways = [...Map.groupBy(tasks, ({ failure = '' }) => failure)].map(
      ([failure, alike]) => `${slotsInWords(slotsOf(alike))} ${words}${failure && ` (${failure})`}`,
    );
    return ways.length > MOST_WAYS
      ? [...ways.slice(0, MOST_WAYS), `${ways.length - MOST_WAYS} in other ways`]
      : ways;
  };
  return listed([
    ...told(undefined, 'failed'),
    ...told('node', `found no node in ${waited}`),
    ...told('image', `could not get their image in ${waited}`),
    ...told('start', `did not start in ${waited}, though nothing was missing`),
  ]);
};

const tooMany = (target: Target, failed: number, slots: number): string => {
  // 0.29 of 100 is 29, but not as a product of numbers of this kind.
  const most = Math.floor(target.policy.maxFailureRatio * slots + 1e-9);
  return `${failed} of ${slots}, and the policy allows ${most || 'none'}`;
};

const TURN_BACK = { lastBatchAt: 0, lastBatchReadyAt: 0, allTurnedAt: 0 };

/** What the policy says when too many slots have failed; nothing when it says to carry on. */
const react = (target: Target, why: string, now: number): NonNullable<Part['rollout']> | undefined => {
  const { policy, rollout, back, first } = target;
  if (policy.failureAction === 'continue') return undefined;
  if (back) {
    const reason = `the way back failed too: ${why}`;
    return { state: 'paused', rollingBack: true, reason, pausedReason: reason };
  }
  if (policy.failureAction === 'rollback' && first)
    return { state: 'failed', reason: `${why}; there is no earlier revision to go back to` };
  if (policy.failureAction === 'rollback' && rollout.fromRevisionId !== rollout.toRevisionId)
    return {
      state: 'rolling back',
      rollingBack: true,
      failedSlots: [],
      countFailuresSince: now,
      reason: why,
      ...TURN_BACK,
    };
  return { state: 'paused', reason: why, pausedReason: why };
};

/**
 * Counts slots whose new task failed before its monitoring ended, each once, and turns the rollout by its
 * policy when they are more than `maxFailureRatio` of the slots. Only a failure not counted before decides
 * anything, so that a resumed rollout is judged by what happens after.
 */
export const judgeFailures = (seen: ServiceSnapshot, now: number): Part => {
  const target = targetOf(seen);
  if (!target?.moving || seen.service.desired !== 'running') return {};
  const slots = wantedSlots(seen).map(({ slot }) => slot);
  const known = new Set(target.rollout.failedSlots);
  const failing = seen.tasks.filter((task) => !known.has(task.slot) && countsAgainst(target, task, now));
  const fresh = slotsOf(failing);
  const patience = seen.tasks
    .filter((task) => isOfRollout(target, task))
    .flatMap((task) => {
      if (task.unreadySince !== undefined) return task.unreadySince + SAID_WITHIN_MS;
      return target.first ? [] : (outOfPatienceAt(task, now) ?? hangsAt(task) ?? []);
    });
  if (fresh.length === 0) return { wakeAt: patience };

  const failedSlots = [...target.rollout.failedSlots, ...fresh];
  const share = failedSlots.length / Math.max(1, slots.length);
  const why = `${describe(target, failing, now)}: ${tooMany(target, failedSlots.length, slots.length)}`;
  const reaction = share > target.policy.maxFailureRatio ? react(target, why, now) : undefined;
  const event =
    reaction?.state === undefined
      ? { kind: 'failed', text: `${capital(why)}; carried on` }
      : { kind: reaction.state, text: `${capital(reaction.state)}: ${reaction.reason}` };
  return { events: [event], rollout: { failedSlots, ...reaction }, wakeAt: patience };
};

/** The rollout after a step has spoken about it. */
export const withRollout = (seen: ServiceSnapshot, part: Part): ServiceSnapshot => {
  if (seen.rollout === undefined || part.rollout === undefined) return seen;
  const { reason: _, currentRevisionId, ...changed } = part.rollout;
  const rollout: RolloutView = { ...seen.rollout, ...changed };
  const service = currentRevisionId === undefined ? seen.service : { ...seen.service, currentRevisionId };
  return { ...seen, service, rollout };
};
