import { fill, type Lookup, parseTemplate } from './interpolate.ts';

/** `value` is undefined for a name alone, which takes the value given at apply. */
export type DotenvEntry = { name: string; value: string | undefined; line: number };
export type Dotenv = { entries: DotenvEntry[]; problems: { line: number; message: string }[] };

const STATEMENT = /^(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:([=:])[ \t]*|$)/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"' };

/**
 * Reads a file of `NAME=value` lines by Compose's rules: `#` comments, `export`, single quotes literal, double
 * quotes with escapes and several lines, variables filled in from the lines above and from `lookup`. With `raw`
 * every value is what stands after the first `=`.
 */
export const parseDotenv = (text: string, lookup: Lookup, raw: boolean): Dotenv => {
  const result: Dotenv = { entries: [], problems: [] };
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
    const value =
      raw || rest.startsWith("'") ? read.value : expand(read.value, (n) => known.get(n) ?? lookup(n));
    if (value === undefined) {
      result.problems.push({
        line: number,
        message: `Line ${number} has a variable that cannot be read or has no value; correct it.`,
      });
      continue;
    }
    known.set(name, value);
    result.entries.push({ name, value, line: number });
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
  const all = [rest.slice(1), ...lines.slice(at + 1)].join('\n');
  const end = closing(all, quote);
  if (end < 0) return { message: `The ${quote} in line ${at + 1} is not closed; add the second one.` };
  const inside = all.slice(0, end);
  if (!/^[^\S\n]*(#|\n|$)/.test(all.slice(end + 1))) {
    return {
      message: `Something follows the closing ${quote} of line ${at + 1}; remove it, or quote all of the value.`,
    };
  }
  return {
    value: quote === '"' ? unescapeDouble(inside) : inside.replaceAll("\\'", "'"),
    lines: inside.split('\n').length - 1,
  };
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

const expand = (value: string, lookup: Lookup): string | undefined => {
  const template = parseTemplate(value);
  if ('problem' in template) return undefined;
  const filled = fill(template.parts, lookup);
  return filled?.missing.length === 0 ? filled.text : undefined;
};
