import { type ErrorCode, type Permission, ProjectPath } from '@portreeve/domain';
import { z } from 'zod';
import type { ChangeKind } from './live.ts';

/**
 * One HTTP operation. Validation, the OpenAPI document, the client's types, the permission walk and the server's
 * registration all come from this one value.
 */
export type Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> = {
  id: string;
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with `:name` parameters; a project is never part of it. */
  path: string;
  summary: string;
  /** What the caller must be allowed to do; `public` and `signed-in` are the two exceptions, each listed in a test. */
  permission: Permission | 'public' | 'signed-in';
  params: P;
  query: Q;
  body: B;
  response: R;
  /** Needs `If-Match` with the object's version. */
  conditional: boolean;
  /** Codes of its own refusals, besides those that any route of its shape has (`errorsOf`). */
  errors: readonly ErrorCode[];
  /** A GET that can be watched over the live socket: run again when one of these kinds changes. */
  live: readonly ChangeKind[];
  /** Asks by another method than GET and changes nothing; every other one leaves an audit entry. */
  changesNothing: boolean;
  /** Media type of the file that it answers with, instead of JSON. */
  download: string | null;
};

const Nothing = z.strictObject({});
const NoBody = z.undefined().or(z.null()).or(z.strictObject({}));

/** Completes a route with empty schemas for what it does not take. */
export const defineRoute = <
  P extends z.ZodType = typeof Nothing,
  Q extends z.ZodType = typeof Nothing,
  B extends z.ZodType = typeof NoBody,
  R extends z.ZodType = z.ZodNull,
>(route: {
  id: string;
  method: Route['method'];
  path: string;
  summary: string;
  permission: Route['permission'];
  params?: P;
  query?: Q;
  body?: B;
  response?: R;
  conditional?: boolean;
  errors?: readonly ErrorCode[];
  live?: readonly ChangeKind[];
  changesNothing?: boolean;
  download?: string;
}): Route<P, Q, B, R> => ({
  ...route,
  params: route.params ?? (Nothing as unknown as P),
  query: route.query ?? (Nothing as unknown as Q),
  body: route.body ?? (NoBody as unknown as B),
  response: route.response ?? (z.null() as unknown as R),
  conditional: route.conditional ?? false,
  errors: route.errors ?? [],
  live: route.live ?? [],
  changesNothing: route.changesNothing ?? false,
  download: route.download ?? null,
});

/** RFC 9457 problem document; every error has this shape. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
  instance: z.string().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        pointer: z.string().optional(),
        file: z.string().optional(),
        line: z.number().int().optional(),
        column: z.number().int().optional(),
        hint: z.string().optional(),
      }),
    )
    .default([]),
});
export type Problem = z.infer<typeof Problem>;

/** Query of every list: keyset paging, sorting, filtering, all on the server. */
export const ListQuery = z.strictObject({
  project: ProjectPath.optional(),
  search: z.string().max(200).optional(),
  sort: z.string().max(40).optional(),
  direction: z.enum(['asc', 'desc']).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(500).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

/** Query of a list of the caller's own things, which belong to no project. */
export const OwnListQuery = ListQuery.omit({ project: true });

/** A page of a list; `next` is absent at the end. `total` only where counting is cheap. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional(), total: z.number().int().optional() });

export const IdParams = z.strictObject({ id: z.uuid() });
/** Where something is looked for or made by its name. */
export const InProject = z.strictObject({ project: ProjectPath });
const LARGEST = 2_147_483_647;
/** The number of a revision, version or attempt; larger ones are never counted to. */
export const Ordinal = z.number().int().min(1).max(LARGEST);
/** The same in an address. */
export const OrdinalText = z.coerce.number().int().min(1).max(LARGEST);
/** Who did something, as shown on screen. */
export const Person = z.object({ id: z.string().optional(), name: z.string() });
export const Moment = z.iso.datetime();
