import type { z } from 'zod';
import type { Problem, Route } from './route.ts';

/** The one error a caller ever sees: the server's sentence, its way out, and what is wrong where. */
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
/** What a caller gives a route: params, query and body as the contract takes them, and the version for `If-Match`. */
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

/** Params and query as text, without what is empty: the same on the wire, in a cache's key and in a watch. */
export const addressOf = (input: { params?: unknown; query?: unknown }): Address => ({
  params: texts(input.params),
  query: texts(input.query),
});

/** Path and query of a route below the origin, each parameter escaped. */
export const urlOf = (route: Route, { params, query }: Address): string => {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  return `/api/v1${path}${search === '' ? '' : `?${search}`}`;
};

const problemOf = async (response: Response): Promise<ApiError> => {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  return new ApiError({
    status: response.status,
    code: problem?.code ?? 'internal',
    detail: problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`,
    hint: problem?.hint,
    errors: problem?.errors,
  });
};

/** How a client reaches the server: where, with which proof, and by which fetch. */
export type Transport = {
  origin: string;
  headers: () => Record<string, string>;
  send: (url: string, init: RequestInit) => Promise<Response>;
  /** The sentence for a server that does not answer. */
  unreachableHint: string;
};

/**
 * Asks a route of the contract over HTTP and gives the answer as it comes: what a route with `download` is asked by.
 * Throws `ApiError` for every failure, with status 0 when no answer came.
 */
export const askRoute = async <R extends Route>(
  transport: Transport,
  route: R,
  input: CallInput<R>,
  signal?: AbortSignal,
): Promise<Response> => {
  const { body, ifMatch } = input as { body?: unknown; ifMatch?: number };
  const response = await transport
    .send(`${transport.origin}${urlOf(route, addressOf(input))}`, {
      method: route.method,
      headers: {
        accept: route.download ?? 'application/json',
        ...transport.headers(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
        ...(route.method === 'POST' ? { 'idempotency-key': randomKey() } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    })
    .catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new ApiError({
        status: 0,
        code: 'unreachable',
        detail: 'The console does not answer.',
        hint: transport.unreachableHint,
      });
    });
  if (!response.ok) throw await problemOf(response);
  return response;
};

/** Runs a route of the contract over HTTP. Each POST gets an idempotency key, so that a repeated one acts once. */
export const callRoute = async <R extends Route>(
  transport: Transport,
  route: R,
  input: CallInput<R>,
  signal?: AbortSignal,
): Promise<CallOutput<R>> => {
  const response = await askRoute(transport, route, input, signal);
  return (response.status === 204 ? null : await response.json()) as CallOutput<R>;
};

// `crypto.randomUUID` is missing on pages that are not a secure context; the values themselves are not.
const randomKey = (): string =>
  [...globalThis.crypto.getRandomValues(new Uint8Array(16))]
    .map((b) => b.toString(16).padStart(2, '0'))
    .join('');
