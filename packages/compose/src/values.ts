import { parseBytes, parseDuration } from './quantities.ts';
import { itemsOf, member, type Spot, wrong } from './tree.ts';

/** The text of a single value; undefined where there is none (its shape was reported when keys were checked). */
export const asText = (spot: Spot | undefined): string | undefined =>
  spot?.tree.kind === 'scalar' && spot.tree.type !== 'null' ? spot.tree.text : undefined;

const parsed =
  <T>(parse: (text: string) => T | undefined, problem: string) =>
  (spot: Spot | undefined): T | undefined => {
    const text = asText(spot);
    if (spot === undefined || text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) wrong(spot, `“${shown(text)}” ${problem}.`);
    return value;
  };

/** A text of the file, short enough to stand in a message. */
export const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

const BOOLEANS = new Map([
  ['true', true],
  ['false', false],
]);

export const asBoolean = parsed(
  (text) => BOOLEANS.get(text.toLowerCase()),
  'is neither true nor false; write one of them',
);

/** A safe whole number. */
export const asInteger = parsed((text) => {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}, 'is no whole number; write digits only');

export const asNumber = parsed(
  (text) => (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined),
  'is no number; write it like 0.5',
);

/** Milliseconds. */
export const asDuration = parsed(parseDuration, 'is no duration; write it with units, like 1m30s');

/** Bytes, at least one. */
export const asBytes = parsed(
  (text) => parseBytes(text) || undefined,
  'is no size; write it like 64m or 1gb',
);

const asOctal = parsed(
  (text) => (/^(0o?)?[0-7]{1,4}$/.test(text) ? Number.parseInt(text.replace(/^0o/, ''), 8) : undefined),
  'is no file mode; write it in octal, like 0444',
);

/** A file mode in octal: `0444`, `"444"` and `0o444` are the same. What Docker would read as a decimal number is refused. */
export const asMode = (spot: Spot | undefined): number | undefined => {
  const text = asText(spot);
  if (spot?.tree.kind === 'scalar' && spot.tree.type === 'number' && text && !text.startsWith('0')) {
    wrong(
      spot,
      `${shown(text)} without a leading zero is a decimal number, not a file mode; write 0${shown(text)}.`,
    );
    return undefined;
  }
  return asOctal(spot);
};

/** A whole number within bounds, both included. */
export const asIntegerIn = (
  spot: Spot | undefined,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): number | undefined => {
  const value = asInteger(spot);
  if (spot === undefined || value === undefined || (value >= from && value <= to)) return value;
  const bounds = to === Number.MAX_SAFE_INTEGER ? `at least ${from}` : `between ${from} and ${to}`;
  wrong(spot, `${value} is out of range; write a number ${bounds}.`);
  return undefined;
};

/** One of a few words. */
export const asOneOf = <T extends string>(spot: Spot | undefined, words: readonly T[]): T | undefined => {
  const text = asText(spot);
  if (spot === undefined || text === undefined) return undefined;
  const word = words.find((w) => w === text);
  if (word === undefined) wrong(spot, `“${shown(text)}” is not possible here; write ${words.join(', ')}.`);
  return word;
};

/** The texts of a list, or of a single value where the key takes both. */
export const asTexts = (spot: Spot | undefined): string[] => textSpots(spot).map(({ text }) => text);

/** The same with the place of each. */
export const textSpots = (spot: Spot | undefined): { text: string; at: Spot }[] => {
  const single = asText(spot);
  if (spot && single !== undefined) return [{ text: single, at: spot }];
  return itemsOf(spot).flatMap((at) => {
    const text = asText(at);
    return text === undefined ? [] : [{ text, at }];
  });
};

/** The texts under a key. */
export const textsOf = (spot: Spot | undefined, key: string): string[] => asTexts(member(spot, key));

/** Leaves away what has no value, so that defaults of the domain hold. */
export const present = <T extends Record<string, unknown>>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
