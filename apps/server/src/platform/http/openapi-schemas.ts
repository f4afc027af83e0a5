import * as contract from '@portreeve/contract';
import * as domain from '@portreeve/domain';
import { z } from 'zod';

type Json = Record<string, unknown>;

const KINDS = [z.ZodObject, z.ZodUnion, z.ZodEnum];
const PLACE = '#/components/schemas/';

/** What the packages export under a name has that name in the document; what only a route has stays where it is. */
const named = z.registry<{ id: string }>();
for (const [id, value] of Object.entries({ ...domain, ...contract }))
  if (KINDS.some((kind) => value instanceof kind) && !named.has(value as z.ZodType))
    named.add(value as z.ZodType, { id });

/** Formats that say all that their patterns say, in a hundred characters less. */
const SPEAKING_FORMATS = new Set(['uuid', 'date-time']);

const OPTIONS = {
  unrepresentable: 'any',
  target: 'draft-2020-12',
  override: ({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string } }) => {
    if (SPEAKING_FORMATS.has(jsonSchema.format ?? '')) delete jsonSchema.pattern;
  },
} as const;

/** The schema of what is sent to us, whole. */
export const inputSchema = (schema: z.ZodType): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { ...OPTIONS, io: 'input' });
  return json;
};

/** Names stand for themselves in the document, not within each schema. */
const lift = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json).replaceAll('"$ref":"#/$defs/', `"$ref":"${PLACE}`));

/** Schemas of answers, with what has a name told once: `components` holds those that were asked for so far. */
export const createOutputSchemas = () => {
  const components: Record<string, Json> = {};
  const inline = (schema: z.ZodType): Json => {
    const { $schema, $defs, id, ...json } = z.toJSONSchema(schema, {
      ...OPTIONS,
      io: 'output',
      metadata: named,
    }) as Json & { $defs?: Record<string, Json> };
    for (const [name, part] of Object.entries($defs ?? {})) {
      const { id: _, ...rest } = part;
      components[name] ??= lift(rest) as Json;
    }
    return lift(json) as Json;
  };
  const of = (schema: z.ZodType): Json => {
    const id = named.get(schema)?.id;
    if (id === undefined) return inline(schema);
    components[id] ??= inline(schema);
    return { $ref: `${PLACE}${id}` };
  };
  return { of, inline, components };
};
