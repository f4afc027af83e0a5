/** What a recorded terminal showed: its first size, and what came when, in seconds from its beginning. */
export type Cast = { columns: number; rows: number; startedAt: number; events: CastEvent[]; length: number };
export type CastEvent = { at: number; kind: 'o' | 'r'; text: string };

/** Nobody watches a silence longer than this, in seconds. */
const LONGEST_SILENCE = 2;

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    // The last line of a recording whose server died may be cut off.
    return undefined;
  }
};

const eventOf = (line: string): CastEvent | undefined => {
  const raw = parsed(line);
  if (!Array.isArray(raw)) return undefined;
  const [at, kind, text] = raw as unknown[];
  if (typeof at !== 'number' || typeof text !== 'string' || (kind !== 'o' && kind !== 'r')) return undefined;
  return { at, kind, text };
};

/** Shortens silences, so that an hour of nothing is over in two seconds. */
const shortened = (events: readonly CastEvent[]): CastEvent[] => {
  let before = 0;
  let now = 0;
  return events.map((event) => {
    now += Math.min(Math.max(0, event.at - before), LONGEST_SILENCE);
    before = event.at;
    return { ...event, at: now };
  });
};

/** Reads asciicast v2; undefined for what is none. */
export const readCast = (file: string): Cast | undefined => {
  const [head = '', ...lines] = file.split('\n');
  const header = parsed(head) as { version?: number; width?: number; height?: number; timestamp?: number };
  if (header?.version !== 2) return undefined;
  const events = shortened(lines.flatMap((line) => eventOf(line) ?? []));
  return {
    columns: header.width ?? 80,
    rows: header.height ?? 24,
    startedAt: (header.timestamp ?? 0) * 1_000,
    events,
    length: events.at(-1)?.at ?? 0,
  };
};

/** `120x40` of a change of size; undefined for what is none. */
export const sizeOf = (text: string): { columns: number; rows: number } | undefined => {
  const [columns = 0, rows = 0] = text.split('x').map(Number);
  return columns > 0 && rows > 0 ? { columns, rows } : undefined;
};
