import { errorsOf, Problem, type Route, routes } from '@portreeve/contract';
import { ERROR_STATUS, type ErrorCode } from '@portreeve/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { VERSION } from '../version.ts';
import { DOCUMENTATION_PATH } from './http.ts';
import { createOutputSchemas, inputSchema } from './openapi-schemas.ts';

type Json = Record<string, unknown>;

const parameters = (schema: z.ZodType, place: 'path' | 'query'): Json[] => {
  const { properties = {}, required = [] } = inputSchema(schema) as {
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

/** Under the names of the document's path, which may be those of another route on it. */
const pathParameters = (route: Route, names: readonly string[]): Json[] => {
  const own = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  return parameters(route.params, 'path').map((parameter) => {
    const name = names[own.indexOf(String(parameter.name))];
    if (name === undefined || name === parameter.name) return parameter;
    return { ...parameter, name, description: `Here the ${parameter.name}.` };
  });
};

const CONDITIONAL = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'Version of the object that the change is based on.',
  schema: { type: 'string', pattern: '^(W/)?"?[0-9]{1,15}"?$' },
};
const IDEMPOTENT = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Repeating the request with the same key gives the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

const takesBody = (route: Route): boolean =>
  route.method !== 'GET' && !route.body.safeParse(undefined).success;
const answersNothing = (route: Route): boolean => route.response instanceof z.ZodNull && !route.download;

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds until another try is worth it.', schema: { type: 'integer' } },
};
const TRY_AGAIN = new Set([429, 503]);

const refusal = (status: number, codes: readonly ErrorCode[]): Json => ({
  description: `Refused: ${codes.join(', ')}. \`detail\` says why, \`hint\` the way out.`,
  ...(TRY_AGAIN.has(status) ? { headers: RETRY_AFTER } : {}),
  content: {
    'application/problem+json': {
      schema: {
        allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
      },
    },
  },
});

/** What operations share, told once. */
type Shared = { schemas: ReturnType<typeof createOutputSchemas>; responses: Record<string, Json> };

const answerOf = (route: Route, { schemas }: Shared): Json =>
  route.download
    ? { [route.download]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: schemas.of(route.response) } };

/** By status, as HTTP has it, each with the codes that tell its causes apart. */
const refusals = (route: Route, { responses }: Shared): Record<number, Json> =>
  Object.fromEntries(
    [...Map.groupBy(errorsOf(route), (code) => ERROR_STATUS[code])].map(([status, codes]) => {
      const name = [status, ...codes].join('_');
      responses[name] ??= refusal(status, codes);
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );

const operation = (route: Route, pathNames: readonly string[], shared: Shared): Json => ({
  operationId: route.id,
  summary: route.summary,
  tags: [route.id.split('.')[0]],
  security: route.permission === 'public' ? [] : [{ bearer: [] }, { cookie: [], page: [] }],
  'x-permission': route.permission,
  parameters: [
    ...pathParameters(route, pathNames),
    ...parameters(route.query, 'query'),
    ...(route.conditional ? [CONDITIONAL] : []),
    ...(route.method === 'GET' || route.permission === 'public' ? [] : [IDEMPOTENT]),
  ],
  ...(takesBody(route)
    ? {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: inputSchema(route.body) } },
        },
      }
    : {}),
  responses: {
    ...(answersNothing(route)
      ? { 204: { description: 'Done' } }
      : {
          200: {
            description: route.summary,
            content: answerOf(route, shared),
          },
        }),
    ...refusals(route, shared),
  },
});

/** Every route of the contract, in one list. */
export const allRoutes = (): Route[] =>
  Object.values(routes).flatMap((group) => Object.values(group as unknown as Record<string, Route>));

/**
 * Paths as OpenAPI has them. Two that differ only in the names of their parameters are one path there, so the second
 * takes the names of the first.
 */
const templates = (): ((route: Route) => { path: string; names: string[] }) => {
  const known = new Map<string, string>();
  return ({ path }) => {
    const own = `/api/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`;
    const shape = own.replaceAll(/\{\w+\}/g, '{}');
    const shared = known.get(shape) ?? own;
    known.set(shape, shared);
    return { path: shared, names: [...shared.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name) };
  };
};

/** The OpenAPI 3.1 document, made from the contract alone. */
export const openApiDocument = (): Json => {
  const paths: Record<string, Json> = {};
  const templateOf = templates();
  const shared: Shared = { schemas: createOutputSchemas(), responses: {} };
  for (const route of allRoutes()) {
    const { path, names } = templateOf(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, names, shared) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Portreeve', version: VERSION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { ...shared.schemas.components, Problem: createOutputSchemas().inline(Problem) },
      responses: shared.responses,
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
