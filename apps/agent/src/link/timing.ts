/** Interval ± 20 %, so that a fleet's beats never fall together (SPEC.md, L1). `random` is in [0, 1). */
export const jittered = (ms: number, random: number): number => ms * (0.8 + 0.4 * random);

const FIRST_MS = 500;
const LAST_MS = 15_000;

/** Wait before redial number `failures` (1 is the first), full jitter over a doubling ceiling (SPEC.md, L3). */
export const redialDelay = (failures: number, random: number): number =>
  Math.round(Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10)) * random);

const STEADY_MS = 10_000;

/**
 * Failures in a row after a connection that stood for `stoodMs` has ended. One that ended at once counts like one that
 * never stood: two hosts with the same identity (a copied disk) would take the connection from each other all the time.
 */
export const failuresAfter = (failures: number, stoodMs: number): number =>
  stoodMs < STEADY_MS ? failures + 1 : 1;

/** Answers missed for this many intervals: the connection is dead, whatever TCP says (SPEC.md, L2). */
export const SILENT_INTERVALS = 3;
/** Without a connection for this long the process ends, and is started anew (SPEC.md, L2). */
export const GIVE_UP_MS = 10 * 60_000;
