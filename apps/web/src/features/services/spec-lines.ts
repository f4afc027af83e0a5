import { formatBytes, formatDuration } from '@portreeve/domain';

/** `stopGraceMs: 5000` as a person says it: `stopGrace`, 5 s. */
const said = (path: string, value: unknown): [path: string, text: string] => {
  if (typeof value === 'number' && path.endsWith('Ms')) return [path.slice(0, -2), formatDuration(value)];
  if (typeof value === 'number' && path.endsWith('Bytes')) return [path.slice(0, -5), formatBytes(value)];
  return [path, String(value)];
};

/** A resolved spec as lines to read: `healthcheck.test` → text. What is empty or unset is left out. */
export const specLines = (spec: unknown, path = ''): [path: string, text: string][] => {
  if (spec === undefined || spec === null || spec === '') return [];
  if (Array.isArray(spec)) {
    if (spec.length === 0) return [];
    const simple = spec.every((item) => typeof item !== 'object');
    if (simple) return [[path, JSON.stringify(spec)]];
    return spec.flatMap((item, index) => specLines(item, `${path}[${index}]`));
  }
  if (typeof spec === 'object')
    return Object.entries(spec).flatMap(([key, value]) =>
      specLines(value, path === '' ? key : `${path}.${key}`),
    );
  return spec === false ? [] : [said(path, spec)];
};
