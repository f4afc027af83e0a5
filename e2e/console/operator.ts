import { request } from 'node:https';
import { type CallInput, type CallOutput, callRoute, type Route, routes } from '@portreeve/contract';
import { Agent, fetch as undiciFetch } from 'undici';

/** Someone signed in over HTTP, with the same two halves of a session that a browser has. */
export type Operator = {
  call: <R extends Route>(route: R, input: CallInput<R>) => Promise<CallOutput<R>>;
  cookie: () => string;
  pageSecret: string;
  caPem: string;
};

/** Password that tests choose at the first sign-in. */
export const PASSWORD = 'correct horse battery staple';

/** The cluster's CA certificate, as a host without trust yet fetches it. */
export const fetchCa = (agentUrl: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request(`${agentUrl}/ca.pem`, { rejectUnauthorized: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });

const cookieOf = (response: Response): string | undefined =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ') || undefined;

/** Signs in and, at the very first time, changes the printed password. */
export const signIn = async (
  product: { url: string; agentUrl: string },
  password: string,
): Promise<Operator> => {
  const caPem = await fetchCa(product.agentUrl);
  const dispatcher = new Agent({ connect: { ca: caPem } });
  let cookie = '';
  let pageSecret = '';
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    const response = (await undiciFetch(url, { ...(init as object), dispatcher })) as unknown as Response;
    cookie = cookieOf(response) ?? cookie;
    return response;
  };
  const headers = (): Record<string, string> => ({
    origin: product.url,
    ...(cookie === '' ? {} : { cookie }),
    ...(pageSecret === '' ? {} : { 'x-portreeve-page': pageSecret }),
  });
  const transport = { origin: product.url, headers, send, unreachableHint: 'Is it running?' };
  const call: Operator['call'] = (route, input) => callRoute(transport, route, input);
  const signedIn = await call(routes.session.signIn, { body: { name: 'admin', password } });
  pageSecret = signedIn.pageSecret;
  if (signedIn.me.mustChangePassword)
    await call(routes.session.password, { body: { current: password, next: PASSWORD } });
  return { call, cookie: () => cookie, pageSecret, caPem };
};
