import type { Problem, Route } from '@portreeve/contract';
import type { z } from 'zod';
import { pageSecret } from './session.ts';

/** The one error a page ever sees: the server's sentence, its way out, and what is wrong where. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly hint: string | undefined;
  readonly errors: Problem['errors'];

  constructor(
    problem: Pick<Problem, 'code' | 'detail' | 'hint' | 'status'> & { errors?: Problem['errors'] },
  ) {
    super(problem.detail);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.hint = problem.hint;
    this.errors = problem.errors ?? [];
  }
}

type Nothing = Record<never, never>;
type Part<K extends string, V> = Nothing extends V ? { [key in K]?: V } : { [key in K]: V };
type Body<V> = undefined extends V ? { body?: V } : { body: V };
export type CallInput<R extends Route> = Part<'params', z.input<R['params']>> &
  Part<'query', z.input<R['query']>> &
  Body<z.input<R['body']>> & { ifMatch?: number };
export type CallOutput<R extends Route> = z.output<R['response']>;

/** The parts of an input that say which object is meant. */
export type Address = { params: Record<string, string>; query: Record<string, string> };
const texts = (part: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(part ?? {}).flatMap(([key, value]) =>
      value === undefined || value === null || value === '' ? [] : [[key, String(value)]],
    ),
  );
/** Params and query as text, without what is empty: the same on the wire, in the cache's key and in a watch. */
export const addressOf = (input: { params?: unknown; query?: unknown }): Address => ({
  params: texts(input.params),
  query: texts(input.query),
});

const urlOf = (route: Route, { params, query }: Address): string => {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  return `/api/v1${path}${search === '' ? '' : `?${search}`}`;
};

const headersOf = (route: Route, input: { body?: unknown; ifMatch?: number }): Record<string, string> => {
  const secret = pageSecret.read();
  return {
    accept: 'application/json',
    ...(secret === null ? {} : { 'x-portreeve-page': secret }),
    ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(input.ifMatch === undefined ? {} : { 'if-match': `"${input.ifMatch}"` }),
    ...(route.method === 'POST' && globalThis.isSecureContext
      ? { 'idempotency-key': crypto.randomUUID() }
      : {}),
  };
};

const errorOf = async (response: Response): Promise<ApiError> => {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  return new ApiError({
    status: response.status,
    code: problem?.code ?? 'internal',
    detail: problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`,
    hint: problem?.hint,
    errors: problem?.errors,
  });
};

const unreachable = (): ApiError =>
  new ApiError({
    status: 0,
    code: 'unreachable',
    detail: 'The console does not answer.',
    hint: 'What runs goes on without it. This page tries again by itself.',
  });

/** Runs a route of the contract. Every failure comes out as an ApiError; a session that ended is forgotten. */
export const call = async <R extends Route>(
  route: R,
  input: CallInput<R>,
  signal?: AbortSignal,
): Promise<CallOutput<R>> => {
  const { body, ifMatch } = input as { body?: unknown; ifMatch?: number };
  const response = await fetch(urlOf(route, addressOf(input)), {
    method: route.method,
    headers: headersOf(route, { body, ifMatch }),
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
    signal,
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw unreachable();
  });
  if (!response.ok) {
    const error = await errorOf(response);
    if (error.code === 'auth.required') pageSecret.forget();
    throw error;
  }
  return (response.status === 204 ? null : await response.json()) as CallOutput<R>;
};
