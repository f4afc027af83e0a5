/** Milliseconds all of them. */
export type Timing = {
  beatMs: number;
  /** A host that dies is noticed within it. */
  leaseMs: number;
  /** After a change of leader or an outage of ours nobody is judged for this long. */
  graceMs: number;
  /** An agent that says it goes is believed for this long at most. */
  longestAbsenceMs: number;
};

export const DEFAULT_TIMING: Timing = {
  beatMs: 2_000,
  leaseMs: 8_000,
  graceMs: 10_000,
  longestAbsenceMs: 120_000,
};
