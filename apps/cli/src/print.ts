import { ApiError } from '@portreeve/contract';
import { escapeControls, escapeControlsInJson } from '@portreeve/domain';
import { env } from './env.ts';

const paint = (code: number) => (text: string) => (env.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint(1);
export const faint = paint(2);
const red = paint(31);
const green = paint(32);
const yellow = paint(33);

const GOOD = new Set(['healthy', 'ready', 'succeeded', 'active', 'running', 'create', 'complete']);
const BAD = new Set(['down', 'failed', 'lost', 'remove', 'rolled back', 'unhealthy']);

/** A state word in its colour; the word alone says it too. */
export const state = (word: string): string => {
  if (GOOD.has(word)) return green(word);
  return BAD.has(word) ? red(word) : yellow(word);
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours, and nothing else of that kind
const OURS = /(\u001b\[(?:[012]|3[123])m)/;
/** The last guard of the terminal: whatever was not made harmless where it was put in, only our own colours pass. */
const guarded = (text: string): string =>
  text
    .split(OURS)
    .map((part, i) => (env.colour && i % 2 === 1 ? part : escapeControls(part)))
    .join('');

export const line = (text = ''): void => void process.stdout.write(`${guarded(text)}\n`);

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours, which take no room
const width = (text: string): number => text.replace(/\u001b\[\d+m/g, '').length;

/** For programs: what the API answered. What a terminal would obey has JSON's own escapes. */
export const json = (value: unknown): void =>
  void process.stdout.write(`${escapeControlsInJson(JSON.stringify(value, null, 2))}\n`);

/** Columns aligned by what is seen. Cells come from outside, so they are made harmless unless painted by us. */
export const table = (head: string[], rows: string[][]): void => {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => width(row[i] ?? ''))));
  const put = (cells: string[]): void =>
    line(
      cells
        .map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell))))
        .join('  ')
        .trimEnd(),
    );
  put(head.map((title) => faint(title)));
  for (const row of rows) put(row);
};

export const safe = escapeControls;

/** The one place where an error is printed: what is wrong, where, and the way out. */
export const printError = (error: unknown): void => {
  const say = (text: string): void => void process.stderr.write(`${guarded(text)}\n`);
  if (!(error instanceof ApiError)) {
    say(red(error instanceof Error ? error.message : String(error)));
    return;
  }
  say(red(safe(error.message)));
  for (const { message, file, line: at, column, pointer, hint } of error.errors) {
    const where = file === undefined ? (pointer ?? '') : `${file}:${at ?? 1}:${column ?? 1}`;
    say(`  ${bold(safe(where))} ${safe(message)}${hint === undefined ? '' : ` ${faint(safe(hint))}`}`);
  }
  if (error.hint !== undefined) say(faint(safe(error.hint)));
};
