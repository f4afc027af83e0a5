import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@portreeve/domain';
import type { Http } from './http.ts';
import { contentSecurityPolicy } from './security-headers.ts';

const require = createRequire(import.meta.url);
const WEB_FOLDER = fileURLToPath(new URL('../../../../../apps/web', import.meta.url));
/**
 * Never pages: what is not found below them is an error in JSON. Next's maker of smaller pictures is among them: it would
 * fetch, for anybody, what an address names, and no page here uses it.
 */
const NOT_PAGES = /^\/(api|socket\.io|healthz|readyz|metrics|_next\/image)(\/|$)/i;

/** False for what only the API may answer, however its path is written. */
export const isPage = (url: string): boolean => {
  const written = url.split(/[?#;]/)[0] ?? '';
  if (!URL.canParse(`http://here${written}`)) return false;
  const path = decoded(new URL(`http://here${written}`).pathname);
  return path !== undefined && !NOT_PAGES.test(path.replace(/[\\/]+/g, '/'));
};

const decoded = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
};

type NextServer = {
  prepare(): Promise<void>;
  close(): Promise<void>;
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  getUpgradeHandler(): (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
};

/**
 * The console's pages on the same origin. A page rendered here holds no data: it gets all of it through the API.
 * Returns what ends it.
 */
export const addWeb = async (
  { app, unknownOperation }: Pick<Http, 'app' | 'unknownOperation'>,
  mode: 'built' | 'dev',
): Promise<() => Promise<void>> => {
  const dev = mode === 'dev';
  if (!dev && !existsSync(`${WEB_FOLDER}/.next/BUILD_ID`))
    throw new DomainError('internal', 'The console has not been built.', {
      hint: 'Start with "npm run up".',
    });
  // By require: the types of an import would change those of every process environment in the workspace.
  const next = require('next') as (options: object) => NextServer;
  const web = next({ dev, dir: WEB_FOLDER, webpack: true });
  await web.prepare();
  const handle = web.getRequestHandler();

  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    config: { exception: 'pages and assets' },
    handler: async (request, reply) => {
      if (!isPage(request.url)) throw unknownOperation(request, reply);
      const { nonce, policy } = contentSecurityPolicy(dev);
      // Next reads the nonce for its own scripts from the request.
      request.raw.headers['content-security-policy'] = policy;
      request.raw.headers['x-nonce'] = nonce;
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.setHeader('content-security-policy', policy);
      await handle(request.raw, reply.raw);
    },
  });
  if (dev) {
    const upgrade = web.getUpgradeHandler();
    app.server.on('upgrade', (request, socket, head) => {
      if (request.url?.startsWith('/_next/')) void upgrade(request, socket, head);
    });
  }
  return () => web.close();
};
