import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DirectoryConfiguration } from '@portreeve/contract';
import { Client, type Entry, type Filter } from 'ldapts';
import { dial, targetOf, tlsOptionsOf } from './dial.ts';
import { DirectoryProblem, inWords } from './problem.ts';

export type Reach = { configuration: DirectoryConfiguration; password: string };
export type Search = {
  base: string;
  scope: 'subtree' | 'one' | 'base';
  filter: Filter;
  attributes: string[];
  /** Ends after so many, without that being an error. */
  limit?: number;
};
/** Names of attributes as the directory writes them; a value is a text, or bytes for a GUID. */
export type Row = Entry;

export type Connection = {
  url: string;
  bind(dn: string, password: string): Promise<void>;
  /** Every page of it. Throws where the answer fails or is cut short. */
  search(search: Search): Promise<Row[]>;
  close(): void;
};

const PAGE = 500;
/** Attributes whose values are bytes. */
const BYTES = ['objectGUID', 'invocationId'];
const LDAP_SCOPE = { subtree: 'sub', one: 'one', base: 'base' } as const;

/** Settles with `work`, or ends the connection when the time is over. */
const within = async <T>(ms: number, end: () => void, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      end();
      reject(new Error(`it does not answer within ${Math.round(ms)} ms`));
    }, ms);
  });
  // What comes after the end of its time is nobody's any more.
  work.catch(() => {});
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/**
 * One connection to a directory and nothing else: when it ends no other takes its place, neither in clear after
 * StartTLS nor without having bound. `until` is when everything on it has to be over.
 */
export const openConnection = async (
  url: string,
  { configuration }: Pick<Reach, 'configuration'>,
  until: number,
): Promise<Connection> => {
  const target = targetOf(url);
  const left = () => Math.max(1, until - performance.now());
  const sockets: Socket[] = [await dial(target, configuration, left())];
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  const given = () => {
    const socket = sockets.length === 1 && !used ? sockets[0] : undefined;
    used = true;
    if (!socket) throw new Error('the connection was lost');
    return socket;
  };
  let used = false;
  const client = new Client({
    url: `${target.secure ? 'ldaps' : 'ldap'}://directory`,
    strictDN: false,
    createConnection: given as never,
    createSecureConnection: (target.secure
      ? given
      : (...options: Parameters<typeof connectTls>) => {
          const socket = connectTls(...options);
          sockets.push(socket);
          return socket;
        }) as never,
  });
  const limit = () => Math.min(configuration.operationTimeoutMs, left());
  const asked = async <T>(step: 'tls' | 'bind' | 'search', work: () => Promise<T>): Promise<T> => {
    try {
      return await within(limit(), close, work());
    } catch (error) {
      if (error instanceof DirectoryProblem) throw error;
      throw new DirectoryProblem(step, `${target.host}:${target.port} ${FAILED[step]}: ${inWords(error)}.`, {
        cause: error,
      });
    }
  };
  if (configuration.security === 'starttls')
    await asked('tls', () => client.startTLS(tlsOptionsOf(configuration, target.host))).catch((error) => {
      close();
      throw error;
    });
  const requireBound = () => {
    if (!client.isConnected || !client.isBound) throw new Error('the connection was lost');
  };

  return {
    url,
    close,
    bind: (dn, password) => asked('bind', () => client.bind(dn, password)),
    search: ({ base, scope, filter, attributes, limit: sizeLimit }) =>
      asked('search', async () => {
        requireBound();
        const { searchEntries } = await client.search(base, {
          ...{ filter, attributes, scope: LDAP_SCOPE[scope] },
          explicitBufferAttributes: BYTES.filter((name) => attributes.includes(name)),
          ...(sizeLimit === undefined ? { paged: { pageSize: PAGE } } : { sizeLimit }),
        });
        requireBound();
        return searchEntries;
      }),
  };
};

const FAILED = {
  tls: 'does not begin TLS',
  bind: 'refuses the account',
  search: 'does not answer the search',
} as const;

/** A way to answer that did not come in time is not tried twice; each address has its turn while there is time. */
export const withConnection = async <T>(
  reach: Reach,
  until: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const connection = await firstConnection(reach, until);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
};

/** A connection by the service account, to the first address that takes it. */
const firstConnection = async (reach: Reach, until: number): Promise<Connection> => {
  const { urls, bindDn } = reach.configuration;
  requirePassword(bindDn, reach.password);
  let problem: unknown;
  for (const url of urls) {
    if (problem !== undefined && performance.now() >= until) break;
    let connection: Connection | undefined;
    try {
      connection = await openConnection(url, reach, until);
      await connection.bind(bindDn, reach.password);
      return connection;
    } catch (error) {
      connection?.close();
      problem = error;
    }
  }
  throw problem;
};

/** A name with an empty password would be let in as nobody, and find less than it should. */
export const requirePassword = (bindDn: string, password: string): void => {
  if (bindDn !== '' && password === '')
    throw new DirectoryProblem('bind', 'The password of the service account is missing.');
};
