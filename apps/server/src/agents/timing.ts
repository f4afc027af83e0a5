/** Milliseconds all of them. */
export type Timing = {
  beatMs: number;
  /** A host that dies is noticed, and its tasks run elsewhere, within it. */
  leaseMs: number;
  /** Silence after which a node counts as unheard: the rest of the lease is for the replacements to start. */
  silenceMs: number;
  /** After a change of leader or an outage of ours nobody is judged for this long. */
  graceMs: number;
  /** An agent that says it goes is believed for this long at most. */
  longestAbsenceMs: number;
};

const LONGEST_BEAT_MS = 2_000;

/** Everything that follows from the lease of the settings; beats come so often that a few may be missed. */
export const timingOf = (leaseMs: number): Timing => ({
  beatMs: Math.min(LONGEST_BEAT_MS, leaseMs / 5),
  leaseMs,
  silenceMs: leaseMs * 0.75,
  graceMs: Math.max(leaseMs, 10_000),
  longestAbsenceMs: 120_000,
});
