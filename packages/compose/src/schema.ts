import type { Form, KeyRule, ScalarKind } from './key-rules.ts';
import { keyTable } from './keys.ts';

/** A JSON Schema (draft-07), as far as this package writes it. */
export type JsonSchema = { [key: string]: unknown };

/** A variable may stand wherever a value does, so that every scalar may be a text. */
const scalarSchema = (kind: ScalarKind): JsonSchema => {
  if (typeof kind !== 'string') return { anyOf: [{ enum: kind }, { type: 'string', pattern: '\\$' }] };
  switch (kind) {
    case 'integer':
    case 'number':
      return { type: ['number', 'string'] };
    case 'boolean':
      return { anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '^(true|false)$|\\$' }] };
    case 'duration':
      return { type: 'string', examples: ['10s', '1m30s'] };
    case 'bytes':
      return { type: ['number', 'string'], examples: ['64m', '1gb'] };
    case 'text':
      return { type: ['string', 'number', 'boolean'] };
  }
};

const formSchema = (form: Form): JsonSchema => {
  switch (form.is) {
    case 'scalar':
      return scalarSchema(form.of);
    case 'list':
      return { type: 'array', items: anyOf(form.of) };
    case 'map':
      return {
        type: 'object',
        additionalProperties: form.full
          ? anyOf(form.of)
          : { anyOf: [...form.of.map(formSchema), { type: 'null' }] },
      };
    case 'section':
      return { $ref: `#/definitions/${form.of}` };
  }
};

const anyOf = (forms: readonly Form[]): JsonSchema => {
  const [first, ...rest] = forms.map(formSchema);
  return rest.length === 0 && first ? first : { anyOf: [first, ...rest] };
};

const sectionSchema = (keys: Readonly<Record<string, KeyRule>>, asksAll: boolean): JsonSchema => {
  const honoured = Object.entries(keys).flatMap(([key, rule]) => ('does' in rule ? [{ key, rule }] : []));
  const required = asksAll ? honoured.flatMap(({ key, rule }) => (rule.required ? [key] : [])) : [];
  return {
    type: 'object',
    properties: Object.fromEntries(
      honoured.map(({ key, rule }) => [key, { description: rule.does, ...anyOf(rule.form) }]),
    ),
    patternProperties: { '^x-': {}, '^<<$': {} },
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  };
};

const definitions = Object.fromEntries(
  Object.entries(keyTable).map(([name, { keys }]) => [name, sectionSchema(keys, name !== 'service')]),
);

/** JSON Schema of the honoured keys, made from the key table: completion and descriptions for the editor. */
export const composeSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Compose file',
  ...definitions.compose,
  definitions,
};
