import type { FieldChange } from '@portreeve/contract';

type Value = unknown;
const isObject = (value: Value): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON with its keys in order, so that equal values have equal text. */
export const canonical = (value: Value): string =>
  JSON.stringify(value, (_, inner: Value) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? 'null';

const HIDDEN = '•••';
const mask = (change: FieldChange): FieldChange => ({
  path: change.path,
  ...(change.from !== undefined && { from: HIDDEN }),
  ...(change.to !== undefined && { to: HIDDEN }),
});

/** Values of the environment and command lines are for those who may see them. */
export const maskChanges = (changes: readonly FieldChange[], mayRead: boolean): FieldChange[] =>
  mayRead
    ? [...changes]
    : changes.map((change) =>
        /^(environment|command|entrypoint)(\.|$)/.test(change.path) ? mask(change) : change,
      );
