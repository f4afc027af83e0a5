'use client';
import { Tooltip } from '@patternfly/react-core';
import { formatDuration } from '@portreeve/domain';
import { useNow } from './clock.ts';

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const SAME_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeStyle: undefined });
const EXACT = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

/** `14:03:12` of today, `12 Nov` before: for columns where rows are compared. */
export const clockTime = (at: string | number, now = Date.now()): string => {
  const date = new Date(at);
  return date.toDateString() === new Date(now).toDateString() ? CLOCK.format(date) : SAME_YEAR.format(date);
};
export const exactTime = (at: string | number): string => EXACT.format(new Date(at));

type Props = { at: string; as?: 'ago' | 'for' | 'clock' | 'until' };

/** A moment as a person says it, with the exact time on hover: `41 s`, `3 min ago`, `in 12 d` or `14:03:12`. */
export const When = ({ at, as = 'for' }: Props) => {
  const now = useNow();
  const distance = Math.abs(now - Date.parse(at));
  const words = formatDuration(Math.max(Math.round(distance / 1_000), 1) * 1_000);
  const text = { ago: `${words} ago`, for: words, clock: clockTime(at, now), until: `in ${words}` }[as];
  return (
    <Tooltip content={exactTime(at)} isContentLeftAligned>
      <time dateTime={at} suppressHydrationWarning style={{ whiteSpace: 'nowrap' }}>
        {text}
      </time>
    </Tooltip>
  );
};
