import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  type Scalar as YamlScalar,
} from 'yaml';
import { nestingOf } from './nesting.ts';
import { type Mapping, mapping, type Place, type Report, type Tree } from './tree.ts';

const MAX_CHARACTERS = 1_048_576;
const MAX_DEPTH = 40;
const MAX_NODES = 50_000;
const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((t) => `tag:yaml.org,2002:${t}`),
);

/** Thrown inside this file only, so that the first limit that is passed ends the reading of the file. */
class Refusal extends Error {
  readonly place: Place;
  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

type Reading = {
  doc: Document.Parsed;
  placeOf: (offset: number) => Place;
  nodes: number;
  open: Set<Node>;
  report: Report;
};

/**
 * Reads one YAML file into a tree that keeps the place of everything. Anchors and merge keys are resolved;
 * size, depth and expansion are limited. Reports what is wrong and then returns undefined.
 */
export const parseYaml = (file: string, text: string, report: Report): Mapping | undefined => {
  const start = { file, line: 1, column: 1 };
  try {
    return readDocument(file, text, start, report);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report({ severity: 'error', message: error.message, ...error.place, path: '' });
    return undefined;
  }
};

const readDocument = (file: string, text: string, start: Place, report: Report): Mapping | undefined => {
  if (text.length > MAX_CHARACTERS) {
    throw new Refusal(
      `The file is larger than 1 MiB; split it, or move long texts into files of configs.`,
      start,
    );
  }
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = nestingOf(tokens, MAX_DEPTH);
  if (deep !== undefined) throw tooDeep(placeOf(deep));
  const docs = [...new Composer({ uniqueKeys: false, logLevel: 'silent' }).compose(tokens)];
  const [doc, second] = docs;
  const problems = docs.flatMap((d) => [...d.errors, ...d.warnings]).filter(isFatal);
  for (const problem of problems) {
    const what = problem.message.replace(/\s+/g, ' ').replace(/\.$/, '');
    const message = `This is not YAML: ${what}; correct it here.`;
    report({ severity: 'error', message, ...placeOf(problem.pos[0]), path: '' });
  }
  if (problems.length > 0) return undefined;
  if (!doc?.contents) throw new Refusal('The file is empty; begin with the key services.', start);
  if (second) {
    throw new Refusal(
      'The file holds several documents; keep one and remove the rest.',
      placeOf(second.range[0]),
    );
  }
  const tree = treeOf(doc.contents, { doc, placeOf, nodes: 0, open: new Set(), report }, 0);
  if (tree.kind === 'map') return tree;
  throw new Refusal('A Compose file is a mapping; begin with the key services.', tree.place);
};

/** Unknown tags are refused by name when the tree is made. */
const isFatal = (problem: { code: string }): boolean => problem.code !== 'TAG_RESOLVE_FAILED';

const tooDeep = (place: Place): Refusal =>
  new Refusal(`This is nested more than ${MAX_DEPTH} levels deep; flatten it.`, place);

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
  if (isAlias(node)) return aliasOf(node.source, node.resolve(reading.doc), place, reading, depth);
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
  const text = typeof value === 'string' ? value : (source ?? '');
  if (value === null) return { kind: 'scalar', text: '', type: 'null', place };
  if (typeof value === 'boolean') return { kind: 'scalar', text, type: 'boolean', place };
  if (typeof value === 'number' || typeof value === 'bigint')
    return { kind: 'scalar', text, type: 'number', place };
  return { kind: 'scalar', text, type: 'string', place };
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
  const text = typeof key.value === 'string' ? key.value : (key.source ?? '');
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
