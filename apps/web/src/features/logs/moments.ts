import type { EventView, FieldChange } from '@portreeve/contract';
import type { LogLine } from './log-buffer.ts';

/** Lines of the service itself, between those of its tasks: slot 0 is no task's. */
export const NO_SLOT = 0;
const MOST_CHANGES = 3;

type Revision = { number: number; createdAt: string; createdBy: string; changes: readonly FieldChange[] };

const valueWords = (value: unknown): string => {
  if (value === undefined || value === null) return 'not set';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const revisionWords = ({ number, createdBy, changes }: Revision): string => {
  const told = changes
    .slice(0, MOST_CHANGES)
    .map(({ path, from, to }) => `${path} ${valueWords(from)} → ${valueWords(to)}`);
  const more = changes.length > MOST_CHANGES ? [`and ${changes.length - MOST_CHANGES} more`] : [];
  return `revision ${number} by ${createdBy}${told.length > 0 ? `: ${[...told, ...more].join(', ')}` : ''}`;
};

/** What was deployed and how its rollouts went, as lines of the log, oldest first. */
export const momentsOf = (
  revisions: readonly Revision[],
  events: readonly EventView[],
  service: string,
): LogLine[] =>
  [
    ...revisions.map((revision) => ({ at: revision.createdAt, text: revisionWords(revision) })),
    // Whose it is needs no saying in the service's own log.
    ...events.map(({ at, text }) => ({ at, text: text.replace(`${service}: `, '') })),
  ]
    .sort((a, b) => a.at.localeCompare(b.at))
    .map((moment, index) => ({
      ...moment,
      ...{ stream: 'life', taskId: '', slot: NO_SLOT, revision: 0, attempt: 0 },
      // Those of lines are positive.
      key: -Date.parse(moment.at) * 1_000 - (index % 1_000),
    }));

/** How many lines are not after that time. */
const countUntil = (lines: readonly LogLine[], at: string): number => {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as LogLine).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The moments between the lines that are there; what came before the first, or after the end of a range, is not part of it. */
export const withMoments = (
  lines: readonly LogLine[],
  moments: readonly LogLine[],
  end?: string,
): readonly LogLine[] => {
  const first = lines[0]?.at;
  const isWithin = ({ at }: LogLine) =>
    first !== undefined && at >= first && (end === undefined || at <= end);
  const within = moments.filter(isWithin);
  if (within.length === 0) return lines;
  let from = 0;
  const parts = within.map((moment) => {
    const until = countUntil(lines, moment.at);
    const part = [...lines.slice(from, until), moment];
    from = until;
    return part;
  });
  return [...parts.flat(), ...lines.slice(from)];
};
