import { momentOf } from '../activity/time-range.ts';

const HOUR_MS = 3_600_000;

/** How long a grant lasts, as most incidents and projects want it. */
export const LASTS = [
  { value: 'always', text: 'no end' },
  { value: '1h', text: '1 hour', ms: HOUR_MS },
  { value: '4h', text: '4 hours', ms: 4 * HOUR_MS },
  { value: '1d', text: '1 day', ms: 24 * HOUR_MS },
  { value: '7d', text: '7 days', ms: 7 * 24 * HOUR_MS },
  { value: 'exact', text: 'until …' },
] as const;

/** When it ends; undefined for never, null where an exact moment is still to be given. */
export const endOf = (last: string, exact: string, now: number): string | null | undefined => {
  if (last === 'always') return undefined;
  if (last === 'exact') return momentOf(exact) ?? null;
  const found = LASTS.find(({ value }) => value === last);
  return found && 'ms' in found ? new Date(now + found.ms).toISOString() : null;
};
