import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../lab/eventually.ts';
import { processesBelow } from './process-tree.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type ProductOptions = {
  /** Address by which hosts of the lab reach it. */
  address: string;
  /** Kept between starts; a new one is made and removed when absent. */
  data?: string;
  ports?: { console: number; agents: number };
  env?: Record<string, string>;
  flags?: string[];
};

/** Portreeve as a person runs it: `npm run up` with its children, on one data folder. */
export type Product = {
  url: string;
  agentUrl: string;
  data: string;
  ports: { console: number; agents: number };
  /** Printed once, at the first start only. */
  firstPassword: string | undefined;
  /** What was started; everything else of it is below. */
  pid: number;
  serverPid: () => Promise<number>;
  databasePid: () => Promise<number>;
  output: () => string;
  stop: () => Promise<void>;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Open for the database's own account to pass through, which mkdtemp alone is not. */
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-e2e-'));
  chmodSync(folder, 0o755);
  return folder;
};

/** The descendant of `root` whose command line has `part` in it, once there is one. */
const descendant = (root: number, part: string): Promise<number> =>
  eventually(() => processesBelow(root).find(({ command }) => command.includes(part))?.pid, {
    timeout: 30_000,
    what: `a process with ${part}`,
  });

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
  });

/** Starts the product and waits until it says that it is ready. */
export const startProduct = async (options: ProductOptions): Promise<Product> => {
  const data = options.data ?? newFolder();
  const ports = options.ports ?? { console: await freePort(), agents: await freePort() };
  const args = [
    'scripts/up.mjs',
    '--data',
    data,
    '--port',
    `${ports.console}`,
    '--agent-port',
    `${ports.agents}`,
  ];
  const flags = options.flags ?? ['--no-local-agent', '--no-engine-install'];
  const child = spawn(process.execPath, [...args, '--advertise', options.address, ...flags], {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-200_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  await eventually(() => child.exitCode !== null || output.includes('Portreeve is ready'), {
    timeout: 240_000,
    interval: 100,
    what: 'npm run up to be ready',
  });
  if (child.exitCode !== null) throw new Error(`npm run up ended with ${child.exitCode}:\n${output}`);
  const pid = child.pid ?? 0;
  return {
    url: `https://${options.address}:${ports.console}`,
    agentUrl: `https://${options.address}:${ports.agents}`,
    data,
    ports,
    firstPassword: /password:\s+(\S+)/.exec(output)?.[1],
    pid,
    serverPid: () => descendant(pid, 'apps/server/src/main.ts'),
    databasePid: () => descendant(pid, 'bin/postgres'),
    output: () => output,
    stop: async () => {
      // Not SIGINT: a terminal gives that to every process, and only a terminal does.
      child.kill('SIGTERM');
      await ended(child);
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
};
