import type { Prisma } from '../platform/db/generated/client.ts';

/** Never in the audit, whatever an object calls it. */
const SECRET = /secret|passw|token|credential|sealed|hash|private|totp|content|environment/i;
const MOST_CHARACTERS = 500;

const shown = (value: unknown): Prisma.InputJsonValue | null => {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return String(value);
  const json = JSON.stringify(value);
  if (json === undefined) return null;
  return json.length <= MOST_CHARACTERS ? JSON.parse(json) : `${json.slice(0, MOST_CHARACTERS)}…`;
};

/**
 * What a mutation changed, field by field, for an entry's `detail`: `{ change: { name: { from, to } } }`. Only fields of
 * `after` count, so that a partial wish can be held against a whole row; of a secret only that it changed.
 */
export const changeOf = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): { change: Prisma.InputJsonObject } => {
  const change: Record<string, Prisma.InputJsonValue> = {};
  for (const [name, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const [from, to] = [shown(before[name]), shown(value)];
    if (SECRET.test(name)) change[name] = 'not shown';
    else if (JSON.stringify(from) !== JSON.stringify(to)) change[name] = { from, to };
  }
  return { change };
};
