import { fill, type Lookup, parseTemplate } from './interpolate.ts';

/** `value` is undefined for a name alone, which takes the value given at apply. */
export type DotenvEntry = { name: string; value: string | undefined; line: number };
type AtLine = { line: number; message: string };
export type Dotenv = { entries: DotenvEntry[]; problems: AtLine[]; warnings: AtLine[] };

const STATEMENT = /^(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:([=:])[ \t]*|$)/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"' };

/**
 * Reads a file of `NAME=value` lines by Compose's rules: `#` comments, `export`, single quotes literal, double
 * quotes with escapes and several lines, variables filled in from the lines above and from `lookup`. With `raw`
 * every value is what stands after the first `=`.
 */
export const parseDotenv = (text: string, lookup: Lookup, raw: boolean): Dotenv => {
  const result: Dotenv = { entries: [], problems: [], warnings: [] };
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const known = new Map<string, string>();
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]?.trimStart() ?? '';
    if (line.trim() === '' || line.startsWith('#')) continue;
    const number = at + 1;
    const statement = STATEMENT.exec(line);
    const name = statement?.[1];
    if (!statement || name === undefined) {
      result.problems.push({
        line: number,
        message: `Line ${number} is not NAME=value; correct or remove it.`,
      });
      continue;
    }
    if (statement[2] === undefined) {
      result.entries.push({ name, value: undefined, line: number });
      continue;
    }
    const rest = line.slice(statement[0].length);
    const read = raw ? { value: rest, lines: 0 } : readValue(rest, lines, at);
    if ('message' in read)
      return { ...result, problems: [...result.problems, { line: number, message: read.message }] };
    at += read.lines;
    const literal = raw || rest.startsWith("'");
    const expanded = literal ? literally(read.value) : expand(read.value, (n) => known.get(n) ?? lookup(n));
    if (!expanded) {
      result.problems.push({
        line: number,
        message: `Line ${number} has a variable that cannot be read or has no value; correct it.`,
      });
      continue;
    }
    for (const unset of expanded.unset) {
      result.warnings.push({
        line: number,
        message: `The variable ${unset} has no value and is empty here; give it one, or write \${${unset}:-default}.`,
      });
    }
    known.set(name, expanded.text);
    result.entries.push({ name, value: expanded.text, line: number });
  }
  return result;
};

const readValue = (
  rest: string,
  lines: readonly string[],
  at: number,
): { value: string; lines: number } | { message: string } => {
  const quote = rest[0];
  if (quote !== '"' && quote !== "'") return { value: rest.replace(/ #.*$/, '').trim(), lines: 0 };
  const inside: string[] = [];
  // Line by line: to join all that follows for each value would cost the square of a long file.
  for (let extra = 0; at + extra < lines.length; extra += 1) {
    const line = extra === 0 ? rest.slice(1) : (lines[at + extra] ?? '');
    const end = closing(line, quote);
    inside.push(end < 0 ? line : line.slice(0, end));
    if (end < 0) continue;
    if (!/^\s*(#|$)/.test(line.slice(end + 1))) {
      return {
        message: `Something follows the closing ${quote} of line ${at + 1}; remove it, or quote all of the value.`,
      };
    }
    const text = inside.join('\n');
    return {
      value: quote === '"' ? unescapeDouble(text) : text.replaceAll("\\'", "'"),
      lines: extra,
    };
  }
  return { message: `The ${quote} in line ${at + 1} is not closed; add the second one.` };
};

const closing = (text: string, quote: string): number => {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
};

const unescapeDouble = (text: string): string =>
  text.replace(/\\(.)/gs, (all, char: string) => (char === '$' ? '$$' : (ESCAPES[char] ?? all)));

type Expanded = { text: string; unset: string[] };

const literally = (text: string): Expanded => ({ text, unset: [] });

const expand = (value: string, lookup: Lookup): Expanded | undefined => {
  const template = parseTemplate(value);
  if ('problem' in template) return undefined;
  const filled = fill(template.parts, lookup);
  return filled?.missing.length === 0 ? filled : undefined;
};
