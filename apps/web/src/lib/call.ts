import {
  type ApiError,
  askRoute,
  type CallInput,
  type CallOutput,
  callRoute,
  type Route,
  type Transport,
} from '@portreeve/contract';
import { pageSecret } from './session.ts';

export { type Address, ApiError, addressOf, type CallInput, type CallOutput } from '@portreeve/contract';

const pageHeaders = (): Record<string, string> => {
  const secret = pageSecret.read();
  return secret === null ? {} : { 'x-portreeve-page': secret };
};

const transport: Transport = {
  origin: '',
  headers: pageHeaders,
  send: (url, init) => fetch(url, { ...init, credentials: 'same-origin' }),
  unreachableHint: 'What runs goes on without it. This page tries again by itself.',
};

const forgetEnded = (error: ApiError): never => {
  if (error.code === 'auth.required') pageSecret.forget();
  throw error;
};

/** A file that a route answers with, as it comes. */
export const fetchFile = <R extends Route>(
  route: R,
  input: CallInput<R>,
  signal?: AbortSignal,
): Promise<Response> => askRoute(transport, route, input, signal).catch(forgetEnded);

/** Runs a route of the contract from this page. A session that has ended is forgotten, which leads to the sign-in. */
export const call = <R extends Route>(
  route: R,
  input: CallInput<R>,
  signal?: AbortSignal,
): Promise<CallOutput<R>> => callRoute(transport, route, input, signal).catch(forgetEnded);
