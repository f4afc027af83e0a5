import type { Diagnostic } from './application.ts';

/** Where something stands in a file of the bundle; 1-based. */
export type Place = { file: string; line: number; column: number };

/** `text` is what the file says, never what YAML would make of it: `1.10` stays `1.10`, `0444` stays `0444`. */
export type Scalar = {
  kind: 'scalar';
  text: string;
  type: 'string' | 'number' | 'boolean' | 'null';
  place: Place;
  /** A variable that it needs has no value. That was reported, and what follows from it is not. */
  lacks?: true;
};
export type List = { kind: 'list'; items: Tree[]; place: Place };
export type Entry = { at: Place; value: Tree };
export type Mapping = { kind: 'map'; entries: Map<string, Entry>; place: Place };
export type Tree = Scalar | List | Mapping;

export type Report = (problem: Diagnostic) => void;

/** A tree at its path in the application, with the place that problems are reported to. */
export type Spot<T extends Tree = Tree> = { tree: T; path: string; report: Report };

export const isLacking = (tree: Tree | undefined): boolean => tree?.kind === 'scalar' && tree.lacks === true;

/** Reports an error at the spot. */
export const wrong = (spot: Spot, message: string): void => {
  if (isLacking(spot.tree)) return;
  spot.report({ severity: 'error', message, ...spot.tree.place, path: spot.path });
};

/** Reports a warning at the spot. */
export const warn = (spot: Spot, message: string): void => {
  spot.report({ severity: 'warning', message, ...spot.tree.place, path: spot.path });
};

export const isNull = (tree: Tree): boolean => tree.kind === 'scalar' && tree.type === 'null';

export const mapping = (place: Place, entries: Iterable<[string, Entry]> = []): Mapping => ({
  kind: 'map',
  entries: new Map(entries),
  place,
});

export const scalar = (text: string, place: Place): Scalar => ({
  kind: 'scalar',
  text,
  type: 'string',
  place,
});

const pathOf = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** The value of a key; undefined where it is absent or empty, which mean the same in Compose. */
export const member = (spot: Spot | undefined, key: string): Spot | undefined => {
  if (spot?.tree.kind !== 'map') return undefined;
  const entry = spot.tree.entries.get(key);
  if (!entry || isNull(entry.value)) return undefined;
  return { tree: entry.value, path: pathOf(spot.path, key), report: spot.report };
};

/** The value at the end of several keys. */
export const memberAt = (spot: Spot | undefined, ...keys: string[]): Spot | undefined =>
  keys.reduce(member, spot);

/** The items of a list; none where there is no list. */
export const itemsOf = (spot: Spot | undefined): Spot[] =>
  spot?.tree.kind === 'list'
    ? spot.tree.items.map((tree, index) => ({ tree, path: `${spot.path}[${index}]`, report: spot.report }))
    : [];

/** The names and values of a mapping, empty values included; none where there is no mapping. */
export const entriesOf = (spot: Spot | undefined): [string, Spot][] =>
  spot?.tree.kind === 'map'
    ? [...spot.tree.entries].map(([key, entry]) => [
        key,
        {
          // An empty value has no place of its own worth showing: the key is what a person looks for.
          tree: isNull(entry.value) ? { ...entry.value, place: entry.at } : entry.value,
          path: pathOf(spot.path, key),
          report: spot.report,
        },
      ])
    : [];
