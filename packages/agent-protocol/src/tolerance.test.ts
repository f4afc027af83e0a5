import { expect, test } from 'vitest';
import type { z } from 'zod';
import * as protocol from './index.ts';

type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  element?: z.ZodType;
  innerType?: z.ZodType;
  options?: z.ZodType[];
  items?: z.ZodType[];
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  in?: z.ZodType;
  out?: z.ZodType;
};
const defOf = (schema: z.ZodType): Def => schema._zod.def as unknown as Def;
const isSchema = (value: unknown): value is z.ZodType =>
  typeof value === 'object' && value !== null && '_zod' in value;

const within = (def: Def): [string, z.ZodType][] => [
  ...Object.entries(def.shape ?? {}),
  ...[...(def.options ?? []), ...(def.items ?? [])].map((one, i): [string, z.ZodType] => [`${i}`, one]),
  ...[def.element, def.innerType, def.keyType, def.valueType, def.in, def.out].flatMap(
    (one): [string, z.ZodType][] => (one ? [['*', one]] : []),
  ),
];

/** Paths of the objects below a schema that refuse fields they do not know. */
const strictBelow = (schema: z.ZodType, path: string): string[] => {
  const def = defOf(schema);
  const strict = def.type === 'object' && def.catchall !== undefined && defOf(def.catchall).type === 'never';
  const below = within(def).flatMap(([name, one]) => strictBelow(one, `${path}.${name}`));
  return strict ? [path, ...below] : below;
};

const exported: Record<string, unknown> = { ...protocol, ...protocol.RequestValue };
const messages = Object.entries(exported).filter((entry): entry is [string, z.ZodType] => isSchema(entry[1]));

test('every message is looked at', () => {
  const names = messages.map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'Hello',
      'Report',
      'DesiredDocument',
      'Request',
      'BulkData',
      'JoinRequest',
      'metrics',
    ]),
  );
});

test.each(messages)('V1 %s ignores unknown fields at any depth', (name, schema) => {
  expect(strictBelow(schema, name)).toEqual([]);
});
