import type { Form, KeyRules, Merge } from './key-rules.ts';
import { keyTable } from './keys.ts';
import { type Entry, isNull, type List, type Mapping, mapping, scalar, type Tree } from './tree.ts';

/**
 * The service `over` on top of the service `base`, by the merge rules of the Compose specification. Both are
 * as written, before anything is checked: values whose shapes do not go together are replaced, and the check of
 * the result says what is wrong with them.
 */
export const mergeSection = (base: Mapping, over: Mapping, name: string): Mapping => {
  const keys: KeyRules = keyTable[name]?.keys ?? {};
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? { at: entry.at, value: mergeKey(below.value, entry.value, keys, key) } : entry);
  }
  return { ...over, entries };
};

const mergeKey = (base: Tree, over: Tree, keys: KeyRules, key: string): Tree => {
  if (isNull(over)) return base;
  const rule = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (!rule || !('does' in rule)) return over;
  if (rule.merge === 'names') return mergeNames(base, over, namedSection(rule.form));
  if (rule.merge) return BY_RULE[rule.merge](base, over);
  const section = rule.form.find((form) => form.is === 'section');
  if (base.kind === 'map' && over.kind === 'map') {
    return section ? mergeSection(base, over, section.of) : mergeMaps(base, over);
  }
  if (base.kind === 'scalar' && over.kind === 'scalar' && !rule.form.some((form) => form.is === 'list'))
    return over;
  return joined(base, over);
};

const mergeMaps = (base: Mapping, over: Mapping): Mapping => ({
  ...over,
  entries: new Map([...base.entries, ...over.entries]),
});

const asList = (tree: Tree): List => {
  if (tree.kind === 'list') return tree;
  if (tree.kind === 'scalar') return { kind: 'list', items: [tree], place: tree.place };
  const items = [...tree.entries].flatMap(([key, { value }]) =>
    (value.kind === 'list' ? value.items : [value]).map((v) =>
      scalar(`${key}=${v.kind === 'scalar' ? v.text : ''}`, v.place),
    ),
  );
  return { kind: 'list', items, place: tree.place };
};

const textOf = (tree: Tree): string | undefined => (tree.kind === 'scalar' ? tree.text : undefined);

const joined = (base: Tree, over: Tree): Tree => {
  const [below, above] = [asList(base), asList(over)];
  const texts = new Set(below.items.map(textOf).filter((text) => text !== undefined));
  const added = above.items.filter((item) => !texts.has(textOf(item) ?? '\0'));
  return { ...above, items: [...below.items, ...added] };
};

/** `["A=1", "B"]` as a mapping; what has no name is kept under its whole text, where checking finds it. */
const asPairs = (tree: Tree): Mapping => {
  if (tree.kind === 'map') return tree;
  const entries = asList(tree).items.map((item): [string, Entry] => {
    const [name = '', ...rest] = (textOf(item) ?? '').split('=');
    const value: Tree =
      rest.length > 0
        ? scalar(rest.join('='), item.place)
        : { kind: 'scalar', text: '', type: 'null', place: item.place };
    return [name, { at: item.place, value }];
  });
  return mapping(tree.place, entries);
};

/** What an item of `volumes`, `devices`, `configs` or `secrets` is mounted on. */
const targetOf = (item: Tree): string | undefined => {
  if (item.kind === 'map')
    return textOf(item.entries.get('target')?.value ?? item.entries.get('source')?.value ?? item);
  const parts = (textOf(item) ?? '').split(':');
  return parts[1] ?? parts[0];
};

/** The section that each name of a mapping leads to. */
const namedSection = (forms: readonly Form[]): string =>
  forms.flatMap((form) => (form.is === 'map' ? form.of : [])).find((form) => form.is === 'section')?.of ?? '';

const mergeNames = (base: Tree, over: Tree, section: string): Tree => {
  const [below, above] = [asPairs(base), asPairs(over)];
  const entries = new Map(below.entries);
  for (const [name, entry] of above.entries) {
    const old = entries.get(name);
    entries.set(name, old ? { at: entry.at, value: mergeSettings(old.value, entry.value, section) } : entry);
  }
  return { ...above, entries };
};

const mergeSettings = (base: Tree, over: Tree, section: string): Tree => {
  if (isNull(over)) return base;
  return base.kind === 'map' && over.kind === 'map' ? mergeSection(base, over, section) : over;
};

const driverOf = (tree: Mapping): string | undefined => {
  const driver = tree.entries.get('driver')?.value;
  return driver && textOf(driver);
};

const BY_RULE: Readonly<Record<Exclude<Merge, 'names'>, (base: Tree, over: Tree) => Tree>> = {
  replace: (_base, over) => over,
  pairs: (base, over) => mergeMaps(asPairs(base), asPairs(over)),
  target: (base, over) => {
    const above = asList(over);
    const targets = new Set(above.items.map(targetOf));
    return {
      ...above,
      items: [...asList(base).items.filter((item) => !targets.has(targetOf(item))), ...above.items],
    };
  },
  driver: (base, over) => {
    if (base.kind !== 'map' || over.kind !== 'map') return over;
    const same = [driverOf(base), undefined].includes(driverOf(over)) || driverOf(base) === undefined;
    return same ? mergeSection(base, over, 'logging') : over;
  },
};
