import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { childEnvironment } from '../env.ts';
import { type Child, keepRunning, logFile, spawnLogged } from './child.ts';
import type { Flags } from './flags.ts';
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

const run = (paths: AgentPaths, args: string[], input: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      paths.program,
      [...paths.first, ...args, '--state', paths.state, '--docker', paths.socket],
      {
        stdio: ['pipe', 'ignore', 'pipe'],
        env: agentEnvironment(),
      },
    );
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new DomainError('join.refused', `This host could not join: ${errors.trim()}`)),
    );
    // One that ended before it read the token says why itself.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });

/** Joins like any other host: with a token that the API made, given through standard input. */
const joinCluster = async (server: ReadyServer, flags: Flags, paths: AgentPaths): Promise<void> => {
  const { status, body } = await server.call('POST', '/join-tokens', {
    description: 'The host of the console',
    uses: 1,
    minutes: 10,
  });
  const made = body as { token: string; caSha256: string; detail?: string };
  if (status !== 200)
    throw new DomainError('join.refused', `No token for this host: ${made?.detail ?? status}`);
  const url = `https://127.0.0.1:${flags.agentPort}`;
  await run(paths, ['join', '--server', url, '--ca-sha256', made.caSha256], `${made.token}\n`);
};

const clusterOf = async (server: ReadyServer): Promise<string> => {
  const { body } = await server.call('GET', '/me');
  return (body as { cluster?: { id: string } })?.cluster?.id ?? '';
};

/** Lets this host join when it does not belong to this cluster yet. */
export const joinLocalAgent = async (
  root: string,
  flags: Flags,
  server: ReadyServer,
  socket: string,
): Promise<AgentPaths> => {
  const paths = agentPaths(root, flags, socket);
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  const marker = join(flags.data, 'agent-cluster');
  const cluster = await clusterOf(server);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === cluster) return paths;
  await joinCluster(server, flags, paths);
  writeFileSync(marker, cluster);
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
