import type { ServiceSnapshot } from './types.ts';

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

/** How long a slot that failed `count` times in a row waits: not at all once, then 5, 10, 20, 40, 60 s. */
export const replacementDelayMs = (count: number): number =>
  count < 2 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count - 2, 10));

/** The moment from which a slot may get a new task; 0 when it never failed. */
export const replaceableAt = (seen: ServiceSnapshot, slot: number): number => {
  const failures = seen.slotFailures.find((entry) => entry.slot === slot);
  return failures === undefined ? 0 : failures.lastAt + replacementDelayMs(failures.count);
};
