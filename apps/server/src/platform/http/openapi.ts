import { Problem, type Route, routes } from '@portreeve/contract';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { VERSION } from '../version.ts';
import { DOCUMENTATION_PATH } from './http.ts';

type Json = Record<string, unknown>;

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  return json;
};

const parameters = (schema: z.ZodType, place: 'path' | 'query'): Json[] => {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
};

const CONDITIONAL = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'Version of the object that the change is based on.',
  schema: { type: 'string' },
};
const IDEMPOTENT = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Repeating the request with the same key gives the first answer again.',
  schema: { type: 'string', maxLength: 200 },
};

const takesBody = (route: Route): boolean =>
  route.method !== 'GET' && !route.body.safeParse(undefined).success;
const answersNothing = (route: Route): boolean => route.response.safeParse(null).success;

const operation = (route: Route): Json => ({
  operationId: route.id,
  summary: route.summary,
  tags: [route.id.split('.')[0]],
  security: route.permission === 'public' ? [] : [{ bearer: [] }, { cookie: [], page: [] }],
  'x-permission': route.permission,
  parameters: [
    ...parameters(route.params, 'path'),
    ...parameters(route.query, 'query'),
    ...(route.conditional ? [CONDITIONAL] : []),
    ...(route.method === 'GET' || route.permission === 'public' ? [] : [IDEMPOTENT]),
  ],
  ...(takesBody(route)
    ? {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
        },
      }
    : {}),
  responses: {
    ...(answersNothing(route)
      ? { 204: { description: 'Done' } }
      : {
          200: {
            description: route.summary,
            content: { 'application/json': { schema: schemaOf(route.response, 'output') } },
          },
        }),
    default: {
      description: 'A refusal, with a stable code and the way out',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
});

/** Every route of the contract, in one list. */
export const allRoutes = (): Route[] =>
  Object.values(routes).flatMap((group) => Object.values(group as unknown as Record<string, Route>));

/** The OpenAPI 3.1 document, made from the contract alone. */
export const openApiDocument = (): Json => {
  const paths: Record<string, Json> = {};
  for (const route of allRoutes()) {
    const path = `/api/v1${route.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Portreeve', version: VERSION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A personal token.' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'portreeve_session' },
        page: { type: 'apiKey', in: 'header', name: 'x-portreeve-page' },
      },
    },
  };
};

/** The document and a page to browse it; both hold nothing that is not public. */
export const addDocumentation = async (app: FastifyInstance): Promise<void> => {
  const document = openApiDocument();
  app.get('/api/openapi.json', { config: { exception: 'documentation' } }, () => document);
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  await app.register(scalar, { routePrefix: DOCUMENTATION_PATH, configuration: { content: document } });
};
