import type { Store } from '../state/store.ts';
import { isoOf, lineReader, type RawLine } from '../streams/log-lines.ts';

const FOLDER = 'logs';
const KEPT_BYTES = 64 * 1024;
const KEPT_FILES = 512;
const TAIL_CHARS = 2_048;

const nameOf = (taskId: string, attempt: number): string => `${FOLDER}/${taskId}.${attempt}`;

/** Lines of a whole answer of the engine; the newest that fit into 64 KiB. */
export const newestLines = (bytes: Buffer, tty: boolean): RawLine[] => {
  const lines: RawLine[] = [];
  const reader = lineReader(tty, (line) => lines.push({ ...line, at: isoOf(line.at) }));
  reader.push(bytes);
  reader.end();
  let size = 0;
  let from = lines.length;
  while (from > 0) {
    size += Buffer.byteLength((lines[from - 1] as RawLine).text) + 34;
    if (size > KEPT_BYTES) break;
    from -= 1;
  }
  return lines.slice(from);
};

/** The end of a log as plain text, for the exit record: at most 2 KiB. */
export const tailOf = (lines: readonly RawLine[]): string =>
  lines
    .map((line) => line.text)
    .join('\n')
    .slice(-TAIL_CHARS);

/** The last 64 KiB of each ended attempt's log, sealed, the newest 512 of them. */
export type ExitLogs = {
  save(taskId: string, attempt: number, lines: readonly RawLine[]): Promise<void>;
  read(taskId: string, attempt: number): Promise<RawLine[] | undefined>;
  /** Numbers of the attempts of which something is kept, in their order. */
  attempts(taskId: string): Promise<number[]>;
};

export const exitLogs = (store: Store): ExitLogs => {
  const prune = async (): Promise<void> => {
    const files = await store.list(FOLDER);
    await Promise.all(
      files.slice(0, Math.max(0, files.length - KEPT_FILES)).map((name) => store.remove(name)),
    );
  };
  /** On their way to the disk: whoever follows the log asks for them as soon as the end is known. */
  const coming = new Map<string, readonly RawLine[]>();
  return {
    save: async (taskId, attempt, lines) => {
      const name = nameOf(taskId, attempt);
      coming.set(name, lines);
      await store.write(name, JSON.stringify(lines)).finally(() => coming.delete(name));
      await prune();
    },
    attempts: async (taskId) => {
      const names = new Set([...(await store.list(FOLDER)), ...coming.keys()]);
      const own = [...names].filter((name) => name.startsWith(`${FOLDER}/${taskId}.`));
      return own.map((name) => Number(name.split('.').at(-1))).sort((a, b) => a - b);
    },
    read: async (taskId, attempt) => {
      const lines = coming.get(nameOf(taskId, attempt));
      if (lines) return [...lines];
      const bytes = await store.read(nameOf(taskId, attempt));
      return bytes && (JSON.parse(bytes.toString('utf8')) as RawLine[]);
    },
  };
};
