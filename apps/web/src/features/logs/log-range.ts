import type { ListState } from '../../ui/list-state.ts';
import { parseLink } from './log-buffer.ts';

export const RANGES = [
  { value: 'live', text: 'Live' },
  { value: '15', text: '15 min' },
  { value: '60', text: '1 h' },
  { value: 'change', text: 'Since change' },
  { value: 'range', text: 'Range…' },
];
type Asked = { follow: boolean; tail: number; since?: string; until?: string; endedHours: number };
const MOST_TAIL = 10_000;
const AROUND_MS = 30_000;
const DAY_HOURS = 24;

const iso = (time: number) => new Date(time).toISOString();

/**
 * What to ask of the hosts for a range of the URL. `now` moves only when the range is chosen anew, else the stream
 * would be opened again at every look.
 */
export const askedFor = (list: Pick<ListState, 'read'>, changedAt: string, now: number): Asked => {
  const link = parseLink(list.read('line') ?? '');
  if (link) {
    const at = Date.parse(link.at);
    return {
      follow: false,
      tail: MOST_TAIL,
      since: iso(at - AROUND_MS),
      until: iso(at + AROUND_MS),
      endedHours: DAY_HOURS,
    };
  }
  const range = list.read('range') ?? 'live';
  if (range === 'change') return { follow: true, tail: MOST_TAIL, since: changedAt, endedHours: DAY_HOURS };
  if (range === 'range') {
    const since = list.read('since');
    const until = list.read('until');
    return { follow: until === undefined, tail: MOST_TAIL, since, until, endedHours: DAY_HOURS };
  }
  const minutes = Number(range);
  if (minutes > 0)
    return { follow: true, tail: MOST_TAIL, since: iso(now - minutes * 60_000), endedHours: DAY_HOURS };
  return { follow: true, tail: 500, endedHours: 1 };
};
