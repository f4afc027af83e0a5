import { createHash } from 'node:crypto';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { BrowserEnd } from './browser-end.ts';

/** Kept of one terminal at most; what it shows after that is not, and the recording says so. */
export const MOST_RECORDED_BYTES = 20 * 1024 * 1024;
const CHUNK_CHARACTERS = 64 * 1024;
const CHUNK_MS = 5_000;
/** Shown and not stored yet, while the database is away: a terminal that asks for a recording goes no further without. */
const MOST_UNSTORED = 1024 * 1024;

const NOTICE = 'What this terminal shows is recorded, and kept with the audit.\r\n';

export type Recorded = { bytes: number; sha256: string; cutShort: boolean };
export type Recorder = {
  output(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Stores what is left; what the audit says of it then. */
  close(): Promise<Recorded>;
};
export type RecorderDeps = {
  keys: ClusterKeys;
  /** The first one of a number counts. */
  store(number: number, sealedLines: string): Promise<void>;
  /** Ends the terminal: its recording cannot be kept. */
  onFailure(reason: string): void;
  columns: number;
  rows: number;
  startedAt: Date;
  mostBytes?: number;
};

export const recordingContext = (id: string, number: number): string => `terminal-recording:${id}:${number}`;

/**
 * Writes what a terminal shows as asciicast v2, in sealed chunks, each once. What is typed is not in it: passwords are
 * typed where nothing is shown.
 */
export const createRecorder = (id: string, deps: RecorderDeps): Recorder => {
  const { keys, startedAt, mostBytes = MOST_RECORDED_BYTES } = deps;
  const began = performance.now();
  const decoder = new TextDecoder();
  const sum = createHash('sha256');
  const header = { version: 2, width: deps.columns, height: deps.rows };
  let pending = `${JSON.stringify({ ...header, timestamp: Math.floor(startedAt.getTime() / 1_000) })}\n`;
  let underWay = '';
  let bytes = 0;
  let number = 0;
  let cutShort = false;
  let storing: Promise<void> = Promise.resolve();
  let failed = false;

  const store = async (): Promise<void> => {
    // One that may have been stored though no answer came is tried again as it was.
    const lines = underWay || pending;
    if (lines === '') return;
    underWay = lines;
    await deps.store(number, keys.seal(lines, recordingContext(id, number)));
    sum.update(lines);
    number += 1;
    pending = pending.slice(lines.length);
    underWay = '';
  };
  const flush = (): Promise<void> => {
    storing = storing.then(store).then(
      () => {
        failed = false;
      },
      () => {
        failed = true;
      },
    );
    return storing;
  };
  const timer = setInterval(flush, CHUNK_MS);
  const add = (code: 'o' | 'r', text: string): void => {
    pending += `${JSON.stringify([Math.round(performance.now() - began) / 1_000, code, text])}\n`;
    if (failed && pending.length > MOST_UNSTORED)
      deps.onFailure('Its recording cannot be stored, and the project asks for one.');
    else if (pending.length > CHUNK_CHARACTERS && !failed) void flush();
  };

  return {
    output: (chunk) => {
      bytes += chunk.byteLength;
      if (cutShort) return;
      if (bytes > mostBytes) {
        cutShort = true;
        add('o', '\r\n[The recording ends here: it has reached its size.]\r\n');
        return;
      }
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') add('o', text);
    },
    resize: (columns, rows) => {
      if (!cutShort) add('r', `${columns}x${rows}`);
    },
    close: async () => {
      clearInterval(timer);
      await flush();
      // Once more, after what kept the last one from being stored.
      if (pending !== '') await flush();
      return { bytes, sha256: sum.digest('hex'), cutShort: cutShort || pending !== '' };
    },
  };
};

/** A page's end that tells first that it is recorded, and records all that goes to the page. */
export const recordedEnd = (page: BrowserEnd, recorder: Recorder): BrowserEnd => {
  let told = false;
  return {
    ...page,
    bytes: (bytes, onTaken) => {
      if (!told) page.bytes(Buffer.from(NOTICE), () => undefined);
      told = true;
      recorder.output(bytes);
      page.bytes(bytes, onTaken);
    },
  };
};
