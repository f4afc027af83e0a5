const HOUR_MS = 3_600_000;

/** Stretches of time that end now, as the URL names them. */
export const RANGES = [
  { value: '1h', text: 'last hour', ms: HOUR_MS },
  { value: '24h', text: '24 hours', ms: 24 * HOUR_MS },
  { value: '7d', text: '7 days', ms: 7 * 24 * HOUR_MS },
] as const;

/** The moment a range began, in whole minutes, so that the same minute asks the same question. */
export const sinceOf = (range: string | undefined, now: number): string | undefined => {
  const found = RANGES.find((each) => each.value === range);
  if (!found) return undefined;
  return new Date(Math.floor((now - found.ms) / 60_000) * 60_000).toISOString();
};

/** `2026-11-21T14:05` of a date field, in this browser's time zone, as a moment; nothing for what is none. */
export const momentOf = (local: string | undefined): string | undefined => {
  const at = local ? new Date(local) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
};
