import type { ComposeVariable } from './application.ts';
import { fill, type Lookup, parseTemplate, type Use, usesOf } from './interpolate.ts';
import type { Mapping, Place, Report, Scalar, Tree } from './tree.ts';

/** The variables met so far, by name; the first use decides line and default. */
export type Variables = Map<string, ComposeVariable>;

export type Interpolation = { lookup: Lookup; variables: Variables; report: Report };

/** Looks names up among the given values only, never in a prototype or the process's environment. */
export const lookupIn =
  (values: Readonly<Record<string, string>>): Lookup =>
  (name) =>
    Object.hasOwn(values, name) ? values[name] : undefined;

/** Notes that a file asks for a variable. */
export const noteUse = (variables: Variables, use: ComposeVariable): void => {
  const known = variables.get(use.name);
  if (!known) {
    variables.set(use.name, use);
    return;
  }
  known.required ||= use.required;
  known.default ??= use.default;
};

/**
 * Fills in the variables of every value of a file. Extensions (`x-`) of the file and of its services are left
 * as they are: what an anchor brings out of them is filled in where it arrives.
 */
export const interpolateFile = (root: Mapping, with_: Interpolation): Mapping =>
  mapEntries(root, (key, tree) => {
    if (isExtension(key)) return tree;
    if (key !== 'services' || tree.kind !== 'map') return interpolate(tree, key, with_);
    return mapEntries(tree, (name, service) =>
      service.kind === 'map'
        ? mapEntries(service, (k, v) => (isExtension(k) ? v : interpolate(v, `services.${name}.${k}`, with_)))
        : interpolate(service, `services.${name}`, with_),
    );
  });

/** Keys that begin with `x-` are for other tools and for anchors; only `x-portreeve` is ours. */
export const isExtension = (key: string): boolean => key.startsWith('x-') && key !== 'x-portreeve';

const mapEntries = (map: Mapping, change: (key: string, value: Tree) => Tree): Mapping => ({
  ...map,
  entries: new Map([...map.entries].map(([key, { at, value }]) => [key, { at, value: change(key, value) }])),
});

const interpolate = (tree: Tree, path: string, with_: Interpolation): Tree => {
  if (tree.kind === 'scalar') return interpolateScalar(tree, path, with_);
  if (tree.kind === 'map')
    return mapEntries(tree, (key, value) => interpolate(value, `${path}.${key}`, with_));
  return { ...tree, items: tree.items.map((item, at) => interpolate(item, `${path}[${at}]`, with_)) };
};

const interpolateScalar = (scalar: Scalar, path: string, with_: Interpolation): Scalar => {
  if (scalar.type !== 'string' || !scalar.text.includes('$')) return scalar;
  const report = (severity: 'error' | 'warning', message: string) =>
    with_.report({ severity, message, ...scalar.place, path });
  const template = parseTemplate(scalar.text);
  if ('problem' in template) {
    report('error', template.problem);
    return scalar;
  }
  for (const use of usesOf(template.parts))
    noteUse(with_.variables, asVariable(use, scalar.place, with_.lookup));
  const filled = fill(template.parts, with_.lookup);
  if (!filled) {
    report('error', 'The variables make this text longer than 1 MiB; give shorter values.');
    return scalar;
  }
  const { text, missing, unset } = filled;
  for (const { name, reason } of missing) {
    report('error', `The variable ${name} has no value${reason && `: ${reason}`}; give it one.`);
  }
  for (const name of unset) {
    report(
      'warning',
      `The variable ${name} has no value and is empty here; give it one, or write \${${name}:-default}.`,
    );
  }
  return { ...scalar, text, ...(missing.length > 0 && { lacks: true as const }) };
};

const asVariable = (use: Use, place: Place, lookup: Lookup): ComposeVariable => {
  const isDefault = use.operator === ':-' || use.operator === '-';
  return {
    name: use.name,
    required: use.operator === ':?' || use.operator === '?',
    used: place.line,
    ...(isDefault ? { default: fill(use.operand, lookup)?.text ?? '' } : {}),
  };
};
