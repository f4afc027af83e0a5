import { type CallInput, type CallOutput, callRoute, type Route } from '@portreeve/contract';
import { Agent, fetch as undiciFetch } from 'undici';
import { settings } from './settings.ts';

const sender = (caPem: string | undefined) => {
  const dispatcher = new Agent({ connect: caPem === undefined ? {} : { ca: caPem } });
  return (url: string, init: RequestInit): Promise<Response> =>
    undiciFetch(url, { ...(init as object), dispatcher }) as unknown as Promise<Response>;
};

/** Runs a route as the signed-in person. */
export const call = <R extends Route>(route: R, input: CallInput<R>): Promise<CallOutput<R>> => {
  const { url, token, caPem } = settings();
  return callRoute(
    {
      origin: url,
      headers: (): Record<string, string> =>
        token === undefined ? {} : { authorization: `Bearer ${token}` },
      send: sender(caPem),
      unreachableHint: `Is ${url} right? Set PORTREEVE_URL, or sign in with \`portreeve login\`.`,
    },
    route,
    input,
  );
};
