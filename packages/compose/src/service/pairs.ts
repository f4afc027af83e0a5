import { entriesOf, isNull, itemsOf, type Spot, wrong } from '../tree.ts';
import { asText } from '../values.ts';

export type Pair = { name: string; value: string | undefined; at: Spot };

/** Names and values of a mapping or of a list of `NAME=value`; the value is undefined where only a name stands. */
export const pairsOf = (spot: Spot | undefined): Pair[] => {
  const pairs = [
    ...entriesOf(spot).map(([name, at]) => ({ name, value: isNull(at.tree) ? undefined : asText(at), at })),
    ...itemsOf(spot).flatMap((at) => {
      const text = asText(at);
      return text === undefined ? [] : [splitPair(text, at)];
    }),
  ];
  const seen = new Set<string>();
  return pairs.filter((pair) => isUsable(pair, seen));
};

const splitPair = (text: string, at: Spot): Pair => {
  const equals = text.indexOf('=');
  return equals < 0
    ? { name: text, value: undefined, at }
    : { name: text.slice(0, equals), value: text.slice(equals + 1), at };
};

const isUsable = ({ name, value, at }: Pair, seen: Set<string>): boolean => {
  if (name === '' || name === '__proto__' || /[=\0]/.test(name) || value?.includes('\0')) {
    wrong(at, 'This name is not possible; write NAME=value with another name.');
    return false;
  }
  if (seen.has(name)) {
    wrong(at, `${name} stands here a second time; keep one of them.`);
    return false;
  }
  seen.add(name);
  return true;
};

/** The same as a record; a name without a value gets an empty one. */
export const recordOf = (spot: Spot | undefined): Record<string, string> =>
  Object.fromEntries(pairsOf(spot).map(({ name, value }) => [name, value ?? '']));

const RESERVED = /^(io\.)?portreeve(\.|$)/;

/** Labels; those of Portreeve are its own. */
export const labelsOf = (spot: Spot | undefined): Record<string, string> => {
  const pairs = pairsOf(spot);
  for (const { name, at } of pairs) {
    if (RESERVED.test(name)) wrong(at, `The label ${name} is one of Portreeve's own; choose another name.`);
  }
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value ?? '']));
};
