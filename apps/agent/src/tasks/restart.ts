import type { RestartPolicy } from '@portreeve/domain';
import type { AttemptRecord, TaskRecord } from './record.ts';

export type Next =
  | { kind: 'restart'; at: number }
  | { kind: 'end'; state: 'complete' | 'failed'; reason: string };

/** An attempt that lasted this long counts as a success: the next restart is at once again. */
const STABLE_MS = 10_000;
const LEAST_DELAY_MS = 500;
const MOST_DELAY_MS = 60_000;

type Ended = AttemptRecord & { exit: NonNullable<AttemptRecord['exit']> };

const isEnded = (attempt: AttemptRecord): attempt is Ended => attempt.exit !== undefined;
const endOf = (attempt: Ended): number => attempt.endedAt ?? Date.parse(attempt.exit.endedAt);
/** By the clock of the host only where another process of ours started it, or it was taken over. */
const lasted = ({ startedAt, endedAt, exit }: Ended): number => {
  if (startedAt !== undefined && endedAt !== undefined && endedAt >= startedAt) return endedAt - startedAt;
  return exit.startedAt ? Date.parse(exit.endedAt) - Date.parse(exit.startedAt) : 0;
};
/** The engine's or host's end is not the container's fault and is not counted. */
const isFault = (attempt: Ended): boolean =>
  !(attempt.exit.endedBy === 'engine' && attempt.exit.startedAt !== undefined);

const shortLived = (ended: readonly Ended[]): number => {
  const reversed = [...ended].reverse();
  const stable = reversed.findIndex((attempt) => lasted(attempt) >= STABLE_MS || !isFault(attempt));
  return stable === -1 ? reversed.length : stable;
};

const delayAfter = (policy: RestartPolicy, failures: number): number => {
  if (failures <= 1) return 0;
  const base = Math.max(policy.delayMs, LEAST_DELAY_MS);
  return Math.min(base * 2 ** Math.min(failures - 2, 10), Math.max(base, MOST_DELAY_MS));
};

type Restarted = Pick<TaskRecord, 'attempts' | 'faults'>;

const faultsOf = ({ attempts, faults }: Restarted): TaskRecord['faults'] => {
  const counted = faults.at(-1)?.attempt ?? 0;
  const fresh = attempts.filter(isEnded).filter((one) => one.attempt > counted && isFault(one));
  return [...faults, ...fresh.map((one) => ({ attempt: one.attempt, at: endOf(one) }))];
};

/** The faults to remember beyond the attempts that are kept: never more than the policy needs to say that they are spent. */
export const rememberedFaults = (policy: RestartPolicy, record: Restarted): TaskRecord['faults'] =>
  policy.maxAttempts === undefined ? [] : faultsOf(record).slice(-(policy.maxAttempts + 1));

const isSpent = (policy: RestartPolicy, record: Restarted, now: number): boolean => {
  if (policy.maxAttempts === undefined) return false;
  // One that is still to come was written down before the clock was set back, who knows when.
  const counted = faultsOf(record).filter(
    ({ at }) => policy.windowMs === 0 || (at <= now && now - at <= policy.windowMs),
  );
  return counted.length > policy.maxAttempts;
};

/** The exit in words, for a person who reads why the task ended. */
const inWords = (last: Ended): string => last.exit.reason;

/**
 * What follows an attempt's end: the first restart at once, then with a back-off that doubles from the policy's
 * delay up to a minute, until `maxAttempts` within the window are spent (SPEC.md, T2).
 */
export const nextAfterExit = (policy: RestartPolicy, record: Restarted, now: number): Next => {
  const ended = record.attempts.filter(isEnded);
  const last = ended.at(-1);
  if (!last) return { kind: 'restart', at: now };
  // What somebody or the engine's own end stopped has not done its work, however politely it went.
  const clean = last.exit.exitCode === 0 && last.exit.endedBy === 'itself';
  if (clean && policy.condition !== 'any')
    return { kind: 'end', state: 'complete', reason: 'it has done its work' };
  if (policy.condition === 'none') return { kind: 'end', state: 'failed', reason: inWords(last) };
  if (isSpent(policy, record, now)) {
    const reason = `${inWords(last)}; its ${policy.maxAttempts} restarts are spent`;
    return { kind: 'end', state: 'failed', reason };
  }
  // An end that is still to come was written down by another process, before the clock was set back.
  const from = endOf(last) > now ? 0 : endOf(last);
  return { kind: 'restart', at: from + delayAfter(policy, shortLived(ended)) };
};
