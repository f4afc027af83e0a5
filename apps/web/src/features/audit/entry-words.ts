import type { AuditView, FieldChange } from '@portreeve/contract';

type Detail = AuditView['detail'];

const isPair = (value: unknown): value is { from?: unknown; to?: unknown } =>
  typeof value === 'object' && value !== null && ('from' in value || 'to' in value);
const given = (value: unknown): unknown => value ?? undefined;

/** Field by field what was and is; of a secret only that it changed. */
export const changesIn = ({ change }: Detail): FieldChange[] =>
  typeof change !== 'object' || change === null
    ? []
    : Object.entries(change).map(([path, value]) =>
        isPair(value)
          ? { path, from: given(value.from), to: given(value.to) }
          : { path, from: 'not shown', to: 'changed' },
      );

/** A thing is told by its name; its id stays in the export. */
const words = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(words).join(', ');
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
  return typeof name === 'string' ? name : JSON.stringify(value);
};
const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || ['', '{}'].includes(words(value));

/** All else that an entry says, without what is empty. */
export const restIn = (detail: Detail): Record<string, string> =>
  Object.fromEntries(
    Object.entries(detail)
      .filter(([key, value]) => key !== 'change' && !isEmpty(value))
      .map(([key, value]) => [key, words(value)]),
  );

/** The same in one line, for a row of a table. */
export const detailWords = (detail: Detail): string =>
  [
    ...changesIn(detail).map(
      ({ path, from, to }) =>
        `${path}: ${words(isEmpty(from) ? 'none' : from)} → ${words(isEmpty(to) ? 'none' : to)}`,
    ),
    ...Object.entries(restIn(detail)).map(([key, value]) => `${key}: ${value}`),
  ].join(', ');
