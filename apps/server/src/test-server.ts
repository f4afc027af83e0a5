import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type PortreeveServer } from './app.ts';
import { PAGE_HEADER } from './identity/authentication.ts';
import { createTestDatabase, type TestDatabase } from './platform/db/test-database.ts';
import type { ServerOptions } from './platform.ts';

export type Client = {
  /** Headers of the signed-in page: cookie and page secret. */
  headers: Record<string, string>;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
};
export type Answer = { status: number; headers: Headers; json: never; text: string };
export type TestServer = {
  server: PortreeveServer;
  db: TestDatabase;
  dataFolder: string;
  firstPassword: string;
  /** Calls without any session; paths are below `/api/v1`. */
  anonymous: Client;
  signIn(name?: string, password?: string): Promise<Client>;
  /** The administrator, with the one-time password already replaced. */
  administrator(): Promise<Client>;
  close(): Promise<void>;
};

export const ADMINISTRATOR_PASSWORD = 'a password for tests only';

const clientOf = (base: string, headers: Record<string, string>): Client => ({
  headers,
  call: async (method, path, body, more = {}) => {
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (isJson ? JSON.parse(text) : {}) as never,
    };
  },
});

/** A real server on a database of its own, on free ports of loopback, without web. */
export const startTestServer = async (
  change: (options: ServerOptions) => ServerOptions = (options) => options,
): Promise<TestServer> => {
  const db = await createTestDatabase();
  const dataFolder = mkdtempSync(join(tmpdir(), 'portreeve-server-'));
  let firstPassword = '';
  const server = await createServer(
    change({
      databaseUrl: db.url,
      keyFile: join(dataFolder, 'cluster.key'),
      dataFolder,
      clusterName: 'test',
      console: { host: '127.0.0.1', port: 0, names: [], tls: 'none' },
      agents: { host: '127.0.0.1', port: 0, addresses: [] },
      web: 'none',
      logLevel: 'fatal',
      onFirstPassword: (password) => {
        firstPassword = password;
      },
    }),
  );
  const anonymous = clientOf(server.consoleUrl, {});
  const signIn: TestServer['signIn'] = async (name = 'admin', password = ADMINISTRATOR_PASSWORD) => {
    const answer = await anonymous.call('POST', '/session', { name, password });
    if (answer.status !== 200) throw new Error(`sign-in failed: ${answer.text}`);
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { pageSecret } = answer.json as { pageSecret: string };
    return clientOf(server.consoleUrl, { cookie, [PAGE_HEADER]: pageSecret });
  };
  let replaced = false;
  return {
    ...{ server, db, dataFolder, firstPassword, anonymous, signIn },
    administrator: async () => {
      if (!replaced) {
        const first = await signIn('admin', firstPassword);
        await first.call('PUT', '/me/password', { current: firstPassword, next: ADMINISTRATOR_PASSWORD });
        replaced = true;
      }
      return signIn();
    },
    close: async () => {
      await server.close();
      await db.drop();
      rmSync(dataFolder, { recursive: true, force: true });
      const unaudited = [...server.platform.http.unaudited];
      if (unaudited.length > 0)
        throw new Error(`Changes without an audit entry, see Route.changesNothing: ${unaudited.join(', ')}`);
      const undeclared = [...server.platform.http.undeclared];
      if (undeclared.length > 0)
        throw new Error(`The contract names no such refusals, see Route.errors: ${undeclared.join(', ')}`);
    },
  };
};
