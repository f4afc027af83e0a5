import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import pg from 'pg';
import { databaseAccount, embeddedBinaries, type ServiceAccount } from './embedded-binaries.ts';

export type EmbeddedOptions = {
  /** Everything of this server lives here: data, socket, passwords. */
  folder: string;
  /** Loopback port to listen on besides the unix socket. */
  tcpPort?: number;
  settings?: Record<string, string>;
  /** What PostgreSQL writes to its log. */
  onOutput?(chunk: Buffer): void;
  /** Aborted while it starts: it is stopped and the start fails. Says nothing once it has started. */
  stopping?: AbortSignal;
};
export type EmbeddedServer = {
  process: ChildProcess;
  /** Connection string of a role on a database of this server. */
  url(role: EmbeddedRole, database?: string): string;
  /** Ends connections and stops; resolves when the process is gone. */
  stop(): Promise<void>;
};
const DATABASE = 'portreeve';
const ROLES = { superuser: 'postgres', owner: 'portreeve_owner', application: 'portreeve_app' } as const;
export type EmbeddedRole = keyof typeof ROLES;
/** PostgreSQL reads PGDATA and the like: none of ours. */
const PLAIN_ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
type Passwords = Record<EmbeddedRole, string>;

const passwordsOf = (folder: string): Passwords => {
  const path = join(folder, 'passwords.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const secret = () => randomBytes(24).toString('base64url');
  const passwords = { superuser: secret(), owner: secret(), application: secret() };
  writeFileSync(path, JSON.stringify(passwords), { mode: 0o600 });
  return passwords;
};

const ownFolder = (path: string, account: ServiceAccount | undefined): string => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (account) chownSync(path, account.uid, account.gid);
  chmodSync(path, 0o700);
  return path;
};

/** As root we hand over to an account of its own, which must be able to walk to its folder. */
const requireReachable = (folder: string, account: ServiceAccount | undefined): void => {
  if (!account || spawnSync('test', ['-x', folder], { ...account, cwd: '/' }).status === 0) return;
  throw new DomainError(
    'internal',
    `The database's own account cannot reach ${folder}: a folder above it is closed to others.`,
    {
      hint: 'Choose a data folder outside of closed ones such as /root, with --data.',
    },
  );
};

const initialise = (
  binaries: string,
  data: string,
  password: string,
  account: ServiceAccount | undefined,
): void => {
  // A half-made folder comes from a start that was interrupted: initdb refuses it, and it holds nothing yet.
  if (existsSync(join(data, 'portreeve-initialised'))) return;
  if (existsSync(join(data, 'PG_VERSION'))) rmSync(data, { recursive: true });
  ownFolder(data, account);
  const passwordFile = join(data, '..', 'initial-password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const result = spawnSync(
    join(binaries, 'bin', 'initdb'),
    [
      ...['-D', data, '-U', ROLES.superuser, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      ...['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'],
    ],
    { ...account, cwd: '/', encoding: 'utf8', env: PLAIN_ENVIRONMENT },
  );
  rmSync(passwordFile);
  if (result.status !== 0)
    throw new DomainError('internal', `The embedded database could not be made: ${lastLine(result.stderr)}`, {
      hint: `See whether the disk that holds ${data} is full.`,
    });
  writeFileSync(join(data, 'portreeve-initialised'), '');
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** One that outlived its supervisor is stopped first: two on one folder would refuse each other anyway. */
const stopLeftOver = (binaries: string, data: string, account: ServiceAccount | undefined): void => {
  if (!existsSync(join(data, 'postmaster.pid'))) return;
  spawnSync(join(binaries, 'bin', 'pg_ctl'), ['stop', '-D', data, '-m', 'fast', '-t', '20'], {
    ...account,
    cwd: '/',
  });
};

const accepts = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
};

const waitUntilUp = async (child: ChildProcess, url: string, errors: () => string): Promise<void> => {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new DomainError(
        'database.unavailable',
        `The embedded database did not start: ${lastLine(errors())}`,
        {
          hint: 'See whether the disk is full and whether another process uses its folder.',
        },
      );
    if (await accepts(url)) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new DomainError('database.unavailable', 'The embedded database did not answer within a minute.');
};

const stopProcess = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    // SIGINT is PostgreSQL's fast shutdown: it ends connections, writes a checkpoint and goes.
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGQUIT'), 20_000).unref();
  });

/** Quotes a literal for the few statements that take no parameters. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const prepareRoles = async (superuserUrl: string, passwords: Passwords): Promise<void> => {
  const client = new pg.Client({
    connectionString: superuserUrl,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  // A server that ends between two statements is told of here alone; unheard, it would end us as well.
  client.on('error', () => {});
  try {
    await client.connect();
    for (const role of ['owner', 'application'] as const) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [ROLES[role]]);
      const verb = rowCount ? 'ALTER' : 'CREATE';
      await client.query(`${verb} ROLE ${ROLES[role]} LOGIN PASSWORD ${literal(passwords[role])}`);
    }
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'portreeve'");
    if (!rowCount) await client.query(`CREATE DATABASE portreeve OWNER ${ROLES.owner}`);
  } finally {
    await client.end().catch(() => {});
  }
};

/** Connection string by the unix socket of an embedded server, whether or not it runs now. */
export const embeddedUrl = (
  folder: string,
  role: EmbeddedRole = 'application',
  database = DATABASE,
): string =>
  `postgresql://${ROLES[role]}:${passwordsOf(folder)[role]}@localhost/${database}?host=${encodeURIComponent(socketFolder(folder))}`;

/** Starts a PostgreSQL of our own on a unix socket, with an owner role, an application role and an empty database. */
export const startEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedServer> => {
  const account = databaseAccount();
  mkdirSync(options.folder, { recursive: true, mode: 0o711 });
  requireReachable(options.folder, account);
  const binaries = embeddedBinaries(options.folder, account);
  const passwords = passwordsOf(options.folder);
  const data = join(options.folder, 'data');
  const sockets = ownFolder(socketFolder(options.folder), account);
  initialise(binaries, data, passwords.superuser, account);
  stopLeftOver(binaries, data, account);
  // What came before is done in one go; a signal that fell into it is heard here.
  await new Promise(setImmediate);
  options.stopping?.throwIfAborted();

  const settings = {
    unix_socket_directories: sockets,
    listen_addresses: options.tcpPort ? '127.0.0.1' : '',
    ...(options.tcpPort ? { port: String(options.tcpPort) } : {}),
    ...options.settings,
  };
  const port = options.tcpPort ?? 5432;
  const child = spawn(
    join(binaries, 'bin', 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A process group of its own: Ctrl-C in the terminal must not stop it before the server has let go.
    { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: PLAIN_ENVIRONMENT },
  );
  let errors = '';
  child.on('error', (error) => {
    errors = error.message;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4_000);
    options.onOutput?.(chunk);
  });
  const url: EmbeddedServer['url'] = (role, database) =>
    options.tcpPort
      ? `postgresql://${ROLES[role]}:${passwords[role]}@127.0.0.1:${port}/${database ?? DATABASE}`
      : embeddedUrl(options.folder, role, database);
  const giveUp = () => void stopProcess(child);
  options.stopping?.addEventListener('abort', giveUp);
  try {
    await waitUntilUp(child, url('superuser', 'postgres'), () => errors);
    await prepareRoles(url('superuser', 'postgres'), passwords);
  } catch (error) {
    await stopProcess(child);
    throw error;
  } finally {
    options.stopping?.removeEventListener('abort', giveUp);
  }
  return { process: child, url, stop: () => stopProcess(child) };
};

/** Paths of unix sockets end at 107 bytes; a deep data folder gets its socket in the temporary folder. */
const socketFolder = (folder: string): string => {
  const inside = join(folder, 'socket');
  if (inside.length < 85) return inside;
  const { ino } = statSync(folder);
  return `/tmp/portreeve-db-${ino}`;
};
