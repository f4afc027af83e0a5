/** A timer that is set further ahead than this goes off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** How long to sleep until then; where that is further away than timers reach, it is looked at once more before. */
export const delayUntil = (at: number, now: number, least = 1): number =>
  Math.min(LONGEST_MS, Math.max(least, at - now));
