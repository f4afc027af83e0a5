import type { LogLine } from '@portreeve/agent-protocol';

/** A source is taken to have no older line under way when it was silent for this long. */
const QUIET_MS = 150;
/** A source that has not begun yet is waited for no longer than this. */
const BEGIN_MS = 1_500;
/** No line waits longer than this for the clocks of other hosts to catch up. */
const LONGEST_HOLD_MS = 2_000;

type Held = { line: LogLine; arrivedAt: number };
type Source = {
  held: Held[];
  /** Lines of `held` that have gone out; the array is cut now and then, since a cut moves the rest. */
  gone: number;
  /** Time of the newest line it sent: nothing older will come from it. */
  newest: string;
  lastArrival: number;
  begun: boolean;
  ended: boolean;
};

/** Many logs on their way to become one. */
export type LogMerge = {
  add(source: string, now: number): void;
  push(source: string, lines: readonly LogLine[], now: number): void;
  end(source: string): void;
  /** Lines that may go out now, in the order of their times; at most `most` of them. */
  take(now: number, most: number): { source: string; line: LogLine }[];
  held(): number;
  /** Every source has ended and nothing is held. */
  finished(): boolean;
};

const first = (source: Source): Held | undefined => source.held[source.gone];
const CUT_AT = 1_000;
const cut = (source: Source): void => {
  if (source.gone < CUT_AT && source.gone < source.held.length) return;
  source.held = source.held.slice(source.gone);
  source.gone = 0;
};

const waitsFor = (source: Source, now: number): boolean => {
  if (source.ended) return false;
  return now - source.lastArrival < (source.begun ? QUIET_MS : BEGIN_MS);
};

/**
 * Merges logs of many tasks by time. Each source is in order by itself; a line goes out when every source that is
 * still sending has passed its time, so that history is in order however the sources race, and live lines wait no
 * longer than a moment. Pure but for its own memory; time is given.
 */
export const createLogMerge = (): LogMerge => {
  const sources = new Map<string, Source>();
  const finished = (): boolean =>
    [...sources.values()].every(({ ended, held, gone }) => ended && held.length === gone);

  const passed = (now: number): string | undefined => {
    const waited = [...sources.values()].filter((source) => waitsFor(source, now));
    return waited.map(({ newest }) => newest).sort()[0];
  };
  const earliest = (): [string, Source] | undefined => {
    let best: [string, Source] | undefined;
    for (const entry of sources) {
      const at = first(entry[1])?.line.at;
      if (at !== undefined && (best === undefined || at < (first(best[1])?.line.at ?? ''))) best = entry;
    }
    return best;
  };

  return {
    add: (id, now) => {
      sources.set(id, { held: [], gone: 0, newest: '', lastArrival: now, begun: false, ended: false });
    },
    push: (id, lines, now) => {
      const source = sources.get(id);
      const last = lines.at(-1);
      if (!source || !last) return;
      for (const line of lines) source.held.push({ line, arrivedAt: now });
      if (last.at > source.newest) source.newest = last.at;
      source.lastArrival = now;
      source.begun = true;
    },
    end: (id) => {
      const source = sources.get(id);
      if (source) source.ended = true;
    },
    take: (now, most) => {
      const limit = passed(now);
      const taken: { source: string; line: LogLine }[] = [];
      while (taken.length < most) {
        const next = earliest();
        if (!next) break;
        const [id, source] = next;
        const held = first(source) as Held;
        const free = limit === undefined || held.line.at <= limit || now - held.arrivedAt > LONGEST_HOLD_MS;
        if (!free) break;
        source.gone += 1;
        cut(source);
        taken.push({ source: id, line: held.line });
      }
      return taken;
    },
    held: () => [...sources.values()].reduce((sum, { held, gone }) => sum + held.length - gone, 0),
    finished,
  };
};
