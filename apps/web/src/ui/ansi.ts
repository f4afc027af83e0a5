/**
 * Text of containers is untrusted: of all escape sequences only colours and weight pass; links, titles, clipboard
 * and cursor moves are dropped, other control characters and marks that reorder text too.
 */
export type AnsiStyle = {
  color?: string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
};
export type AnsiSpan = AnsiStyle & { text: string };

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with control characters
  /\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const after = (style: AnsiStyle, codes: string): AnsiStyle => {
  const numbers = codes.split(/[;:]/).map(Number);
  let next = { ...style };
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i] ?? 0;
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 22) next = { ...next, bold: undefined, dim: undefined };
    else if (code === 23) next.italic = undefined;
    else if (code === 24) next.underline = undefined;
    else if (code === 39) next.color = undefined;
    else if (code >= 30 && code <= 37) next.color = NAMES[code - 30];
    else if (code >= 90 && code <= 97) next.color = NAMES[code - 90];
    // 256 and true colours would not keep their contrast on our ground; their numbers are skipped.
    else if (code === 38 || code === 48) i += numbers[i + 1] === 2 ? 4 : 2;
  }
  return next;
};

/** Splits a line into spans of one style each. */
export const ansiSpans = (line: string): AnsiSpan[] => {
  const spans: AnsiSpan[] = [];
  let style: AnsiStyle = {};
  let at = 0;
  const push = (text: string) => {
    if (text !== '') spans.push({ ...style, text });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[1] !== undefined) style = after(style, match[1]);
  }
  push(line.slice(at));
  return spans;
};

/** The text alone. */
export const plainText = (text: string): string => text.replace(SEQUENCE, '');
