import type { LogLine } from '@portreeve/agent-protocol';

/** Lines of one source come nearly in the order of their times: after a cut they are asked for again from so much before. */
const OVERLAP_MS = 1_000;
const TRIM_AT = 1_000;

/** What of one source's lines has come, so that after a cut it goes on with none missing and none shown twice. */
export type Resume = {
  /** The lines that have not come before the last cut. */
  take(lines: readonly LogLine[]): LogLine[];
  /** From when to ask after a cut; undefined while nothing has come. Lines from then on are expected a second time. */
  cut(): string | undefined;
};

const keyOf = ({ at, stream, attempt, text }: LogLine): string => `${attempt} ${stream} ${at} ${text}`;

export const createResume = (): Resume => {
  let recent: LogLine[] = [];
  let newest: number | undefined;
  let trimAt = TRIM_AT;
  let expected = new Map<string, number>();

  const isSecond = (line: LogLine): boolean => {
    const key = keyOf(line);
    const left = expected.get(key) ?? 0;
    if (left > 0) expected.set(key, left - 1);
    return left > 0;
  };
  const within = (line: LogLine): boolean => Date.parse(line.at) >= (newest ?? 0) - OVERLAP_MS;

  return {
    take: (lines) => {
      const fresh = expected.size === 0 ? [...lines] : lines.filter((line) => !isSecond(line));
      for (const line of fresh) {
        recent.push(line);
        newest = Math.max(newest ?? 0, Date.parse(line.at));
      }
      if (recent.length > trimAt) {
        recent = recent.filter(within);
        trimAt = Math.max(TRIM_AT, recent.length * 2);
      }
      return fresh;
    },
    cut: () => {
      recent = recent.filter(within);
      expected = new Map();
      for (const line of recent) expected.set(keyOf(line), (expected.get(keyOf(line)) ?? 0) + 1);
      return newest === undefined ? undefined : new Date(newest - OVERLAP_MS).toISOString();
    },
  };
};
