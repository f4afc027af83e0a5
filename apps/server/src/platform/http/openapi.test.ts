import { errorsOf } from '@portreeve/contract';
import { ERROR_STATUS } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import { allRoutes, openApiDocument } from './openapi.ts';

type Parameter = { name: string; in: string; required: boolean; schema: object };
type Response = { description: string; content?: Record<string, { schema: object }> };
type Operation = {
  operationId: string;
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, Response>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: Record<'schemas' | 'securitySchemes' | 'responses', Record<string, object>>;
};

// As it is sent: what JSON leaves out is not there.
const document = JSON.parse(JSON.stringify(openApiDocument())) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
  ([, target = '']) => target,
);

/** What a reference leads to. */
const at = (target: string): unknown =>
  target
    .split('/')
    .slice(1)
    .reduce<unknown>((place, name) => (place as never)?.[name], document);
const told = (response: Response | { $ref: string } | undefined): Response | undefined =>
  response && '$ref' in response ? (at(response.$ref) as Response) : response;

describe('the OpenAPI document', () => {
  it('has every route of the contract once, with an id of its own', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.sort()).toEqual(
      allRoutes()
        .map(({ id }) => id)
        .sort(),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has no two paths that are one when parameters have no names', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    expect(shapes.filter((shape, index) => shapes.indexOf(shape) !== index)).toEqual([]);
  });

  it('declares each parameter of a path, and none that is not in it', () => {
    for (const { path, operationId, parameters } of operations) {
      const declared = parameters.filter((one) => one.in === 'path');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect({ operationId, names: declared.map(({ name }) => name).sort() }).toEqual({
        operationId,
        names: inPath.sort(),
      });
      expect(declared.every(({ required }) => required)).toBe(true);
    }
  });

  it('says with each route all that it can answer, by status and code', () => {
    for (const route of allRoutes()) {
      const { responses } = operations.find(({ operationId }) => operationId === route.id) as Operation;
      const statuses = Object.keys(responses).map(Number);
      expect(statuses.filter((status) => status < 300)).toHaveLength(1);
      for (const code of errorsOf(route)) {
        const response = told(responses[ERROR_STATUS[code]]);
        expect(response?.description).toContain(code);
        expect(Object.keys(response?.content ?? {})).toEqual(['application/problem+json']);
      }
      expect(new Set(statuses.filter((status) => status >= 400))).toEqual(
        new Set(errorsOf(route).map((code) => ERROR_STATUS[code])),
      );
    }
  });

  it('asks for the version where a change is conditional, and takes a key wherever something changes', () => {
    for (const route of allRoutes()) {
      const { parameters } = operations.find(({ operationId }) => operationId === route.id) as Operation;
      const headers = parameters.filter((one) => one.in === 'header').map(({ name }) => name);
      const keyed = route.method !== 'GET' && route.permission !== 'public';
      expect({ id: route.id, headers }).toEqual({
        id: route.id,
        headers: [...(route.conditional ? ['If-Match'] : []), ...(keyed ? ['Idempotency-Key'] : [])],
      });
    }
  });

  it('refers to nothing that is not in it', () => {
    for (const target of references)
      expect({ target, at: at(target) }).toEqual({ target, at: expect.anything() });
  });

  it('tells what many answers have once, by its name, and stays small', () => {
    expect(document.components.schemas).toMatchObject({
      NodeSummary: { type: 'object' },
      ServiceSummary: { properties: { rollout: expect.anything() } },
    });
    const nodes = document.paths['/api/v1/nodes']?.get?.responses['200'];
    expect(JSON.stringify(nodes)).toContain('"$ref":"#/components/schemas/NodeSummary"');
    expect(JSON.stringify(document)).not.toContain('$defs');
    expect(JSON.stringify(document).length / operations.length).toBeLessThan(2_000);
  });
});

/** Overwriting is right here: each line says why nobody's work is lost by it. */
const UNCONDITIONAL = {
  'session.preferences': "one's own, each page writes what it shows",
  'session.password': 'proves the present password instead',
  'second-factor.confirm': 'confirms what was begun last, once: a second time there is nothing to confirm',
  'teams.add-member': 'adds the member who is named; one who is there already stays',
  'stacks.apply': 'bound to the plan that it names: refused when the stack, a digest or a policy has moved',
  'services.webhook': 'makes new secrets, whatever the old ones were',
};

describe('a route that overwrites', () => {
  it('is conditional on the version that was seen, or has its reason not to be', () => {
    const overwriting = allRoutes().filter(({ method }) => method === 'PUT' || method === 'PATCH');
    const unconditional = overwriting.filter(({ conditional }) => !conditional).map(({ id }) => id);
    expect(unconditional.sort()).toEqual(Object.keys(UNCONDITIONAL).sort());
  });
});
