import {
  askRoute,
  type CallInput,
  type CallOutput,
  callRoute,
  type ListQuery,
  type Route,
  type Transport,
} from '@portreeve/contract';
import { Agent, fetch as undiciFetch } from 'undici';
import type { z } from 'zod';
import { settings } from './settings.ts';

const sender = (caPem: string | undefined) => {
  const dispatcher = new Agent({ connect: caPem === undefined ? {} : { ca: caPem } });
  return (url: string, init: RequestInit): Promise<Response> =>
    undiciFetch(url, { ...(init as object), dispatcher }) as unknown as Promise<Response>;
};

const transport = (): Transport => {
  const { url, token, caPem } = settings();
  return {
    origin: url,
    headers: (): Record<string, string> => (token === undefined ? {} : { authorization: `Bearer ${token}` }),
    send: sender(caPem),
    unreachableHint: `Is ${url} right? Set PORTREEVE_URL, or sign in with \`portreeve login\`.`,
  };
};

/** Runs a route as the signed-in person. */
export const call = <R extends Route>(route: R, input: CallInput<R>): Promise<CallOutput<R>> =>
  callRoute(transport(), route, input);

/** The same for a route that answers with a file. */
export const ask = <R extends Route>(route: R, input: CallInput<R>): Promise<Response> =>
  askRoute(transport(), route, input);

type Page<T> = { items: T[]; next?: string | undefined };
type ListRoute<T> = Route<z.ZodType, z.ZodType, z.ZodType, z.ZodType<Page<T>>>;

/** Every row of a list, page by page, as large as the server gives them. */
export const callAll = async <T>(
  route: ListRoute<T>,
  query: Omit<Partial<ListQuery>, 'limit' | 'cursor'>,
): Promise<T[]> => {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await call(route, { query: { ...query, limit: 500, cursor } } as never);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
};
