/** One use of a variable in a text, as `$NAME`, `${NAME}` or with an operator and what follows it. */
export type Use = {
  name: string;
  operator: '' | ':-' | '-' | ':?' | '?' | ':+' | '+';
  /** What follows the operator: default, error text or replacement; may use variables itself. */
  operand: Part[];
};
export type Part = string | Use;

export type Template = { parts: Part[] } | { problem: string };

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /:?[-?+]/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** Index of the brace that closes the one at `open`, or -1. */
const closingBrace = (text: string, open: number): number => {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
};

const MAX_NESTING = 20;

/**
 * Splits a text into literal parts and uses of variables, by the interpolation rules of the Compose
 * specification; a `$` that begins neither stands for itself. The problem of an unusable text is one sentence.
 */
export const parseTemplate = (text: string, depth = 0): Template => {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0 || dollar === text.length - 1) return { parts: [...parts, text.slice(at)] };
    if (dollar > at) parts.push(text.slice(at, dollar));
    const next = text[dollar + 1];
    const plain = matchAt(NAME, text, dollar + 1);
    if (next === '$') {
      parts.push('$');
      at = dollar + 2;
    } else if (plain !== undefined) {
      parts.push({ name: plain, operator: '', operand: [] });
      at = dollar + 1 + plain.length;
    } else if (next === '{') {
      const close = closingBrace(text, dollar + 1);
      const use = braced(text.slice(dollar + 2, close < 0 ? text.length : close), close, depth);
      if ('problem' in use) return use;
      parts.push(use);
      at = close + 1;
    } else {
      parts.push('$');
      at = dollar + 1;
    }
  }
};

const braced = (inside: string, close: number, depth: number): Use | { problem: string } => {
  const problem = {
    problem: `\${${inside.slice(0, 40)} is no variable; write \${NAME}, or $$ for a dollar sign.`,
  };
  const name = matchAt(NAME, inside, 0);
  if (close < 0 || name === undefined || depth >= MAX_NESTING) return problem;
  if (name.length === inside.length) return { name, operator: '', operand: [] };
  const operator = matchAt(OPERATOR, inside, name.length) as Use['operator'] | undefined;
  if (!operator) return problem;
  const operand = parseTemplate(inside.slice(name.length + operator.length), depth + 1);
  return 'problem' in operand ? operand : { name, operator, operand: operand.parts };
};

export type Lookup = (name: string) => string | undefined;

export type Filled = { text: string; missing: { name: string; reason: string }[]; unset: string[] };

/** No filled text may be longer: values used often enough would take all memory. */
const MAX_FILLED = 1_048_576;

/**
 * Fills in the variables of a template. `missing` are the required ones without a value, with the text the file
 * gives for that; `unset` those that became empty because they have neither value nor default. Undefined when the
 * text would be longer than `MAX_FILLED`.
 */
export const fill = (parts: readonly Part[], lookup: Lookup): Filled | undefined => {
  const filled: Filled = { text: '', missing: [], unset: [] };
  for (const part of parts) {
    const piece = typeof part === 'string' ? { text: part, missing: [], unset: [] } : fillUse(part, lookup);
    if (!piece || filled.text.length + piece.text.length > MAX_FILLED) return undefined;
    filled.text += piece.text;
    filled.missing.push(...piece.missing);
    filled.unset.push(...piece.unset);
  }
  return filled;
};

const fillUse = (use: Use, lookup: Lookup): Filled | undefined => {
  const value = lookup(use.name);
  const counts = use.operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const own: Filled = { text: value ?? '', missing: [], unset: [] };
  switch (use.operator) {
    case '':
      return counts ? own : { ...own, unset: [use.name] };
    case ':-':
    case '-':
      return counts ? own : fill(use.operand, lookup);
    case ':+':
    case '+':
      return counts ? fill(use.operand, lookup) : own;
    case ':?':
    case '?':
      return counts
        ? own
        : { ...own, missing: [{ name: use.name, reason: fill(use.operand, lookup)?.text ?? '' }] };
  }
};

/** Every use of a variable in a template, those inside defaults and replacements included. */
export const usesOf = (parts: readonly Part[]): Use[] =>
  parts.flatMap((part) => (typeof part === 'string' ? [] : [part, ...usesOf(part.operand)]));
