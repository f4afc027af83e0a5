import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { childEnvironment } from '../env.ts';
import { say } from './say.ts';

/** What builds make themselves, also beside their sources, and what goes into none. */
const IGNORED = new Set(['node_modules', '.next', 'next-env.d.ts', 'dist', 'generated', 'test', '.turbo']);

const filesBelow = (path: string): string[] => {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !IGNORED.has(name) && !/\.test\.tsx?$/.test(name))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
};

const hashOf = (root: string, inputs: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const path of inputs.flatMap((input) => filesBelow(join(root, input))))
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
};

type Build = {
  name: string;
  inputs: string[];
  /** What must exist for the build to count as done. */
  output: string;
  /** Where the hash of the inputs is kept; goes with the output. */
  stamp: string;
  command: [string, ...string[]];
  cwd?: string;
};

const BUILDS = {
  client: {
    name: 'the database client',
    inputs: ['prisma/schema.prisma', 'package-lock.json'],
    output: 'apps/server/src/platform/db/generated/client.ts',
    stamp: 'apps/server/src/platform/db/generated/.built-from',
    command: ['node', 'scripts/prisma-generate.mjs', '--quiet'],
  },
  web: {
    name: 'the console (a minute or two, the first time)',
    inputs: ['apps/web', 'packages/domain/src', 'packages/contract/src', 'package-lock.json'],
    output: 'apps/web/.next/BUILD_ID',
    stamp: 'apps/web/.next/.built-from',
    command: ['next', 'build', '--webpack'],
    cwd: 'apps/web',
  },
  agent: {
    name: 'the agent',
    inputs: ['apps/agent', 'packages/domain/src', 'packages/agent-protocol/src', 'package-lock.json'],
    output: 'apps/agent/dist',
    stamp: 'apps/agent/dist/.built-from',
    command: ['node', 'apps/agent/scripts/build.mjs'],
  },
} satisfies Record<string, Build>;

export type Building = { done: Promise<void>; stop(): Promise<void> };

const KEPT_OUTPUT = 3_000;
const BUILT: Building = { done: Promise.resolve(), stop: async () => {} };

/** Builds what is not built from exactly these sources yet. */
export const build = (root: string, what: keyof typeof BUILDS): Building => {
  const { name, inputs, output, stamp, command, cwd }: Build = BUILDS[what];
  const hash = hashOf(root, inputs);
  const stampPath = join(root, stamp);
  if (existsSync(join(root, output)) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === hash)
    return BUILT;
  say(`Building ${name} …`);
  const path = `${dirname(process.execPath)}:${join(root, 'node_modules/.bin')}`;
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: join(root, cwd ?? '.'),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: builders have workers, and all of them end together.
    detached: true,
    env: childEnvironment({
      PATH: `${path}:${readPath()}`,
      NEXT_TELEMETRY_DISABLED: '1',
      NODE_ENV: 'production',
    }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-KEPT_OUTPUT);
    });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const done = ended.then((code) => {
    if (code !== 0) throw new DomainError('internal', `${name} could not be built:\n${said}`);
    mkdirSync(dirname(stampPath), { recursive: true });
    writeFileSync(stampPath, hash);
  });
  const stop = async () => {
    if (child.pid && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGTERM');
    await ended.catch(() => {});
  };
  return { done, stop };
};

const readPath = (): string => childEnvironment({}).PATH ?? '/usr/bin:/bin';
