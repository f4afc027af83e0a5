import type { StreamLine } from '@portreeve/contract';

/** Hosts are out of step and behind by less than this: after a cut lines are asked for again from so much before. */
const OVERLAP_MS = 10_000;
const TRIM_AT = 5_000;

/** What of a merged log has come, so that after a cut it goes on with none missing and none shown twice. */
export type LogResume = {
  /** The lines that had not come before the last cut. */
  take(lines: readonly StreamLine[]): StreamLine[];
  /** From when to ask after a cut; undefined while nothing has come. Lines from then on are expected a second time. */
  cut(): string | undefined;
};

const keyOf = ({ taskId, attempt, stream, at, text }: StreamLine): string =>
  JSON.stringify([taskId, attempt, stream, at, text]);

export const createLogResume = (): LogResume => {
  let recent: { key: string; at: number }[] = [];
  let newest: number | undefined;
  let trimAt = TRIM_AT;
  let expected = new Map<string, number>();

  const isFirst = (line: StreamLine): boolean => {
    const key = keyOf(line);
    const left = expected.get(key) ?? 0;
    if (left > 0) expected.set(key, left - 1);
    return left === 0;
  };
  const trim = (): void => {
    const from = (newest ?? 0) - OVERLAP_MS;
    recent = recent.filter(({ at }) => at >= from);
    trimAt = Math.max(TRIM_AT, recent.length * 2);
  };

  return {
    take: (lines) => {
      const fresh = lines.filter(isFirst);
      for (const line of fresh) {
        const at = Date.parse(line.at);
        newest = Math.max(newest ?? at, at);
        recent.push({ key: keyOf(line), at });
      }
      if (recent.length > trimAt) trim();
      return fresh;
    },
    cut: () => {
      trim();
      expected = new Map([...Map.groupBy(recent, ({ key }) => key)].map(([key, all]) => [key, all.length]));
      return newest === undefined ? undefined : new Date(newest - OVERLAP_MS).toISOString();
    },
  };
};
