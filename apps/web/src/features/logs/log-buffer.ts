import type { StreamLine } from '@portreeve/contract';

export type LogLine = StreamLine & { key: number };

/** Lines of several tasks arrive nearly in order; older than this many lines back nothing is sorted in. */
const LOOK_BACK = 2_000;
export const MOST_LINES = 50_000;

let counter = 0;

/**
 * The lines of all tasks in the order of their times, at most `most` of them; those that fall out are the oldest.
 * Equal times keep their order of arrival.
 */
export const mergeLines = (
  before: readonly LogLine[],
  batch: readonly StreamLine[],
  most = MOST_LINES,
): LogLine[] => {
  const fresh = batch.map((line): LogLine => ({ ...line, key: ++counter }));
  const first = fresh.map((line) => line.at).sort()[0] ?? '';
  let from = before.length;
  const floor = Math.max(0, before.length - LOOK_BACK);
  while (from > floor && (before[from - 1] as LogLine).at > first) from -= 1;
  const tail = [...before.slice(from), ...fresh].sort((a, b) =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : a.key - b.key,
  );
  const all = from === before.length ? before.concat(tail) : [...before.slice(0, from), ...tail];
  return all.length > most ? all.slice(all.length - most) : (all as LogLine[]);
};

/** A place in the log that a link can name. */
export const linkOf = (line: Pick<StreamLine, 'at' | 'taskId'>): string => `${line.at}_${line.taskId}`;
export const parseLink = (link: string): { at: string; taskId: string } | null => {
  const cut = link.lastIndexOf('_');
  const at = link.slice(0, cut);
  return cut > 0 && !Number.isNaN(Date.parse(at)) ? { at, taskId: link.slice(cut + 1) } : null;
};

/** `/regex/` or plain words; a regex that does not compile is null. */
export const matcherOf = (text: string): RegExp | null => {
  if (text === '') return null;
  const regex = /^\/(.+)\/$/.exec(text)?.[1];
  try {
    return new RegExp(regex ?? text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
  } catch {
    return null;
  }
};
