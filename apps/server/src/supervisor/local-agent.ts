import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { childEnvironment } from '../env.ts';
import { type Child, keepRunning, logFile, spawnLogged } from './child.ts';
import type { Flags } from './flags.ts';
import { say } from './say.ts';
import type { ReadyServer } from './server-process.ts';

export type AgentPaths = { program: string; first: string[]; state: string; socket: string };

/** Not the server's compile cache: the agent is one file, the same as on any host. */
const agentEnvironment = () => childEnvironment({ NODE_COMPILE_CACHE: undefined });

/** The very file that other hosts download; its JavaScript on our own Node where none was built for this platform. */
const agentPaths = (root: string, flags: Flags, socket: string): AgentPaths => {
  const built = join(root, `apps/agent/dist/portreeve-agent-linux-${process.arch}`);
  const own = existsSync(built);
  return {
    program: own ? built : process.execPath,
    first: own ? [] : [join(root, 'apps/agent/dist/agent.cjs')],
    state: join(flags.data, 'agent'),
    socket,
  };
};

const run = (paths: AgentPaths, args: string[], input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      paths.program,
      [...paths.first, ...args, '--state', paths.state, '--docker', paths.socket],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: agentEnvironment(),
      },
    );
    let said = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(said)
        : reject(new DomainError('join.refused', `This host could not join: ${errors.trim()}`)),
    );
    // One that ended before it read the token says why itself.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });

/** Where this host belongs, and as which node; kept apart from the agent's state, which may be lost. */
export type Place = { cluster: string; node?: string };
const placeFile = (data: string): string => join(data, 'agent-cluster');

/** Where the host of this data folder belongs, when it has joined. */
export const readPlace = (data: string): Place | undefined => {
  if (!existsSync(placeFile(data))) return undefined;
  const [cluster = '', node] = readFileSync(placeFile(data), 'utf8').split(' ');
  return { cluster, node };
};

const NODE_ID = /\(([0-9a-f-]{36})\)/;

/** Joins like any other host, or comes back as the node it was: by a token that the API made, through standard input. */
const joinCluster = async (
  server: ReadyServer,
  flags: Flags,
  paths: AgentPaths,
  nodeId: string | undefined,
): Promise<string | undefined> => {
  const { status, body } = await server.call('POST', '/join-tokens', {
    description: 'The host of the console',
    uses: 1,
    minutes: 10,
    nodeId,
  });
  const made = body as { token: string; caSha256: string; detail?: string };
  if (status !== 200)
    throw new DomainError('join.refused', `No token for this host: ${made?.detail ?? status}`);
  const url = `https://127.0.0.1:${flags.agentPort}`;
  const said = await run(paths, ['join', '--server', url, '--ca-sha256', made.caSha256], `${made.token}\n`);
  return NODE_ID.exec(said)?.[1];
};

const clusterOf = async (server: ReadyServer): Promise<string> => {
  const { status, body } = await server.call('GET', '/me');
  const id = (body as { cluster?: { id: string } } | null)?.cluster?.id;
  if (id) return id;
  // Not taken for another cluster: that would make a new node of this host, and leave its volumes with the old one.
  throw new DomainError('internal', `The server does not say which cluster it is (${status}).`, {
    hint: `See ${join('logs', 'server.log')} in the data folder, and start again.`,
  });
};

/** Without these the agent knows neither its node nor its key. */
const hasState = ({ state }: AgentPaths): boolean =>
  ['host.key', 'identity'].every((name) => existsSync(join(state, name)));

/**
 * Lets this host join when it does not belong to this cluster yet, or come back when the agent's state is lost.
 * Undefined, with a sentence said, when somebody removed it from the cluster.
 */
export const joinLocalAgent = async (
  root: string,
  flags: Flags,
  server: ReadyServer,
  socket: string,
): Promise<AgentPaths | undefined> => {
  const paths = agentPaths(root, flags, socket);
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  const cluster = await clusterOf(server);
  const present = readPlace(flags.data);
  const node = present?.cluster === cluster ? present.node : undefined;
  if (node && (await server.call('GET', `/nodes/${node}`)).status === 404) {
    say(
      `This host was removed from the cluster: the console starts without an agent for it. To let it join again, delete ${placeFile(flags.data)} and start again.`,
    );
    return undefined;
  }
  if (present?.cluster === cluster && hasState(paths)) return paths;
  const joined = await joinCluster(server, flags, paths, node);
  writeFileSync(placeFile(flags.data), [cluster, joined].filter(Boolean).join(' '));
  return paths;
};

/** Starts the agent of this host, which has joined. */
export const startLocalAgent = (flags: Flags, paths: AgentPaths): Child => {
  const log = logFile(join(flags.data, 'logs/agent.log'));
  const start = (): ChildProcess =>
    spawnLogged(
      paths.program,
      [...paths.first, 'agent', '--with-parent', '--state', paths.state, '--docker', paths.socket],
      { log, env: agentEnvironment(), input: 'pipe' },
    );
  return keepRunning({ name: 'The agent of this host', start, stopSignal: 'SIGTERM', graceMs: 10_000 });
};
