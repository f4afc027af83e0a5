import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DomainError } from '@portreeve/domain';
import { childEnvironment, type Env } from '../env.ts';
import { embeddedUrl, startEmbedded } from '../platform/db/embedded.ts';
import { keepRunning, logFile } from './child.ts';
import type { Flags } from './flags.ts';
import { say } from './say.ts';

export type DatabaseUrls = { url: string; ownerUrl: string | undefined };
export type DatabaseProcess = { ready: Promise<DatabaseUrls>; stop(): Promise<void> };

/** The database named in DATABASE_URL, or one of our own as a child. */
export const startDatabase = (flags: Flags, env: Env): DatabaseProcess => {
  const { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl } = env;
  if (url) return { ready: Promise.resolve({ url, ownerUrl }), stop: async () => {} };
  const log = logFile(join(flags.data, 'logs/postgresql.log'));
  const folder = join(flags.data, 'postgresql');
  const child = keepRunning({
    name: 'The database',
    start: async (stopping) => {
      const server = await startEmbedded({ folder, stopping, onOutput: (chunk) => log.write(chunk) });
      return server.process;
    },
    stopSignal: 'SIGINT',
    graceMs: 30_000,
  });
  const urls = () => ({ url: embeddedUrl(folder, 'application'), ownerUrl: embeddedUrl(folder, 'owner') });
  return { ready: child.started.then(urls), stop: child.stop };
};

/** Runs the migrations in a process of their own, the only one that gets the owner's rights. */
export const runMigrations = (
  root: string,
  database: DatabaseUrls,
): { done: Promise<void>; stop(): Promise<void> } => {
  const child = spawn(process.execPath, [join(root, 'apps/server/src/platform/db/migrate-main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment({ DATABASE_URL: database.url, DATABASE_OWNER_URL: database.ownerUrl }),
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  createInterface(child.stdout).on('line', say);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    // Not at its exit: what it said may still be on its way.
    child.once('close', resolve);
  });
  const done = ended.then((code) => {
    if (code === 0) return;
    throw new DomainError('database.unavailable', errors.trim() || `The migration ended with code ${code}.`);
  });
  // It may wait for another one's; what it has begun is undone by the database.
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended.catch(() => {});
  };
  return { done, stop };
};
