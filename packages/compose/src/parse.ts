import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar as YamlScalar } from 'yaml';
import { type Mapping, mapping, type Place, type Report, type Tree } from './tree.ts';
import { composeDocument, MAX_DEPTH, type PlaceOf, Refusal, tooDeep } from './yaml-document.ts';

const MAX_NODES = 50_000;
const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((t) => `tag:yaml.org,2002:${t}`),
);

type Reading = {
  placeOf: PlaceOf;
  nodes: number;
  /** Anchors as they stand where the file is read first, and what each alias meant there. */
  anchors: Map<string, Node>;
  targets: Map<Node, Node | undefined>;
  /** Anchors that are being expanded. */
  open: Set<Node>;
  report: Report;
};

/**
 * Reads one YAML file into a tree that keeps the place of everything. Anchors and merge keys are resolved;
 * size, depth and expansion are limited. Reports what is wrong and then returns undefined.
 */
export const parseYaml = (file: string, text: string, report: Report): Mapping | undefined => {
  try {
    const document = composeDocument(file, text);
    if ('contents' in document) return readRoot(document.contents, document.placeOf, report);
    for (const { message, place } of document.problems)
      report({ severity: 'error', message, ...place, path: '' });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report({ severity: 'error', message: error.message, ...error.place, path: '' });
    return undefined;
  }
};

const readRoot = (contents: Node, placeOf: PlaceOf, report: Report): Mapping => {
  const reading = {
    placeOf,
    nodes: 0,
    anchors: new Map(),
    targets: new Map(),
    open: new Set<Node>(),
    report,
  };
  const tree = treeOf(contents, reading, 0);
  if (tree.kind === 'map') return tree;
  throw new Refusal('A Compose file is a mapping; begin with the key services.', tree.place);
};

const treeOf = (node: Node, reading: Reading, depth: number): Tree => {
  const place = reading.placeOf(node.range?.[0] ?? 0);
  reading.nodes += 1;
  if (reading.nodes > MAX_NODES) {
    throw new Refusal(
      `The file has more than ${MAX_NODES} values once its aliases are expanded; use fewer aliases.`,
      place,
    );
  }
  if (depth > MAX_DEPTH) throw tooDeep(place);
  if (isAlias(node)) return aliasOf(node.source, targetOf(node, node.source, reading), place, reading, depth);
  if (node.anchor !== undefined && reading.open.size === 0) reading.anchors.set(node.anchor, node);
  if (node.tag !== undefined && !CORE_TAGS.has(node.tag)) {
    throw new Refusal(`The tag ${node.tag} is not supported; write the value without it.`, place);
  }
  if (isScalar(node)) return scalarOf(node, place);
  if (isSeq(node)) {
    return { kind: 'list', items: node.items.map((item) => treeOf(item as Node, reading, depth + 1)), place };
  }
  if (isMap(node)) return mapOf(node.items, place, reading, depth);
  throw new Refusal('This is no scalar, list or mapping; write one of them.', place);
};

/** Fixed when an alias is met first: its anchor may be defined anew below, and the alias be met again through another. */
const targetOf = (alias: Node, name: string, reading: Reading): Node | undefined => {
  if (!reading.targets.has(alias)) reading.targets.set(alias, reading.anchors.get(name));
  return reading.targets.get(alias);
};

const aliasOf = (
  name: string,
  target: Node | undefined,
  place: Place,
  reading: Reading,
  depth: number,
): Tree => {
  if (!target) throw new Refusal(`There is no anchor &${name} above this alias; define it first.`, place);
  if (reading.open.has(target)) {
    throw new Refusal(`The anchor &${name} contains itself; remove this alias.`, place);
  }
  reading.open.add(target);
  const tree = treeOf(target, reading, depth + 1);
  reading.open.delete(target);
  return tree;
};

const scalarOf = (node: YamlScalar, place: Place): Tree => {
  const { value, source } = node;
  const text = storable(typeof value === 'string' ? value : (source ?? ''), place);
  if (value === null) return { kind: 'scalar', text: '', type: 'null', place };
  if (typeof value === 'boolean') return { kind: 'scalar', text, type: 'boolean', place };
  if (typeof value === 'number' || typeof value === 'bigint')
    return { kind: 'scalar', text, type: 'number', place };
  return { kind: 'scalar', text, type: 'string', place };
};

/** An escape such as `\\0` writes what no database holds, though the file itself is sound. */
const storable = (text: string, place: Place): string => {
  if (!text.includes('\0') && text.isWellFormed()) return text;
  throw new Refusal(
    'This text has a character that cannot be stored (U+0000 or half a pair); remove it.',
    place,
  );
};

const mapOf = (
  pairs: readonly { key: unknown; value: unknown }[],
  place: Place,
  reading: Reading,
  depth: number,
): Mapping => {
  const map = mapping(place);
  const merged: Mapping[] = [];
  for (const { key, value } of pairs) {
    const name = keyOf(key, place, reading);
    const tree: Tree =
      value === null || value === undefined
        ? { kind: 'scalar', text: '', type: 'null', place: name.at }
        : treeOf(value as Node, reading, depth + 1);
    if (name.merges) {
      merged.push(...mergeSources(tree));
      continue;
    }
    const first = map.entries.get(name.text);
    if (first) {
      reading.report({
        severity: 'error',
        message: `The key ${name.text} stands here a second time (first in line ${first.at.line}); keep one of them.`,
        ...name.at,
        path: '',
      });
    }
    map.entries.set(name.text, { at: name.at, value: tree });
  }
  for (const source of merged) {
    for (const [key, entry] of source.entries) {
      if (!map.entries.has(key)) map.entries.set(key, entry);
    }
  }
  return map;
};

const keyOf = (
  key: unknown,
  place: Place,
  reading: Reading,
): { text: string; at: Place; merges: boolean } => {
  if (!isScalar(key)) {
    throw new Refusal('A key of a mapping must be a plain text; write it as one.', place);
  }
  const at = reading.placeOf(key.range?.[0] ?? 0);
  const text = storable(typeof key.value === 'string' ? key.value : (key.source ?? ''), at);
  if (text === '__proto__') throw new Refusal('The key __proto__ is refused; choose another name.', at);
  return { text, at, merges: text === '<<' && key.type === 'PLAIN' };
};

const mergeSources = (tree: Tree): Mapping[] => {
  if (tree.kind === 'map') return [tree];
  if (tree.kind === 'list') return tree.items.flatMap(mergeSources);
  throw new Refusal(
    'A merge key << takes a mapping or a list of mappings; point it at an anchor of one.',
    tree.place,
  );
};
