const HEADER = 8;
const STDERR = 2;
/** Longer lines are cut in pieces: a container that never writes a line end must not fill our memory. */
const MOST_CHARS = 16 * 1024;

/** A line of a container's log as the engine tells it. */
export type RawLine = { at: string; stream: 'stdout' | 'stderr'; text: string };

type Part = { stream: RawLine['stream']; text: string };

const TIMESTAMP = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?/;

/** Splits the engine's `2026-01-01T00:00:00.000000000Z text`; a line without a time gets that of the one before. */
const parse = (line: Part, before: string): RawLine => {
  const match = TIMESTAMP.exec(line.text);
  if (!match) return { at: before, ...line };
  return { at: match[1] as string, stream: line.stream, text: line.text.slice(match[0].length) };
};

/** The engine's nanoseconds, as ISO 8601 with milliseconds in UTC. */
export const isoOf = (engineTime: string): string => {
  const at = Date.parse(engineTime.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(at) ? new Date(0).toISOString() : new Date(at).toISOString();
};

/**
 * Reads the engine's log stream piece by piece: frames with a header of eight bytes, or bare bytes where the
 * container has a terminal.
 */
export const lineReader = (
  tty: boolean,
  onLine: (line: RawLine) => void,
): { push(chunk: Buffer): void; end(): void } => {
  let rest: Buffer = Buffer.alloc(0);
  let lastTime = new Date(0).toISOString();
  const open = { stdout: '', stderr: '' };

  const emit = (part: Part): void => {
    const line = parse({ ...part, text: part.text.replace(/\r$/, '') }, lastTime);
    lastTime = line.at;
    onLine(line);
  };
  const take = (stream: RawLine['stream'], text: string): void => {
    const lines = (open[stream] + text).split('\n');
    open[stream] = lines.pop() ?? '';
    for (const line of lines) emit({ stream, text: line });
    if (open[stream].length > MOST_CHARS) {
      emit({ stream, text: open[stream] });
      open[stream] = '';
    }
  };
  const frames = (chunk: Buffer): void => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER) {
      const size = rest.readUInt32BE(4);
      if (rest.length < HEADER + size) return;
      const stream = rest[0] === STDERR ? 'stderr' : 'stdout';
      take(stream, rest.subarray(HEADER, HEADER + size).toString('utf8'));
      rest = rest.subarray(HEADER + size);
    }
  };

  return {
    push: (chunk) => (tty ? take('stdout', chunk.toString('utf8')) : frames(chunk)),
    end: () => {
      for (const stream of ['stdout', 'stderr'] as const)
        if (open[stream] !== '') emit({ stream, text: open[stream] });
    },
  };
};
