/**
 * Differences between two JSON values, small for lists of objects with an `id`: live pages send these instead of
 * the whole. `applyDelta(before, diffJson(before, after))` equals `after`.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type DeltaStep =
  | { op: 'set'; path: (string | number)[]; value: Json }
  | { op: 'unset'; path: (string | number)[] }
  /** The list at `path` holds these ids in this order; `put` are the new or changed items. */
  | { op: 'list'; path: (string | number)[]; order: string[]; put: Json[] };

type Item = { id: string } & { [key: string]: Json };

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isKeyed = (value: Json | undefined): value is Item[] =>
  Array.isArray(value) &&
  value.every((item) => isObject(item) && typeof item.id === 'string') &&
  new Set(value.map((item) => (item as Item).id)).size === value.length;
const same = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

const diffList = (before: Item[], after: Item[], path: (string | number)[]): DeltaStep[] => {
  const known = new Map(before.map((item) => [item.id, item]));
  const put = after.filter((item) => !same(known.get(item.id), item));
  const orderSame = before.length === after.length && before.every((item, i) => item.id === after[i]?.id);
  return put.length === 0 && orderSame
    ? []
    : [{ op: 'list', path, order: after.map((item) => item.id), put }];
};

/** The steps that turn `before` into `after`. */
export const diffJson = (before: Json, after: Json, path: (string | number)[] = []): DeltaStep[] => {
  if (isKeyed(before) && isKeyed(after)) return diffList(before, after, path);
  if (!isObject(before) || !isObject(after))
    return same(before, after) ? [] : [{ op: 'set', path, value: after }];
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return [
    ...removed.map((key): DeltaStep => ({ op: 'unset', path: [...path, key] })),
    ...Object.keys(after).flatMap((key): DeltaStep[] => {
      const next = after[key] as Json;
      if (!Object.hasOwn(before, key)) return [{ op: 'set', path: [...path, key], value: next }];
      return diffJson(before[key] as Json, next, [...path, key]);
    }),
  ];
};

const update = (
  value: Json,
  path: (string | number)[],
  change: (at: Json | undefined) => Json | undefined,
): Json => {
  const [key, ...rest] = path;
  if (key === undefined) return change(value) ?? null;
  const source = isObject(value) ? value : {};
  const next = rest.length === 0 ? change(source[key]) : update(source[key] ?? null, rest, change);
  const { [key]: _, ...others } = source;
  return next === undefined ? others : { ...source, [key]: next };
};

const applyStep = (value: Json, step: DeltaStep): Json => {
  if (step.op === 'set') return update(value, step.path, () => step.value);
  if (step.op === 'unset') return update(value, step.path, () => undefined);
  return update(value, step.path, (at) => {
    const items = new Map((isKeyed(at) ? at : []).map((item): [string, Json] => [item.id, item]));
    for (const item of step.put) items.set((item as Item).id, item);
    return step.order.flatMap((id) => items.get(id) ?? []);
  });
};

/** `before` with every step applied; the given value is not changed. */
export const applyDelta = (before: Json, steps: readonly DeltaStep[]): Json =>
  steps.reduce(applyStep, before);
