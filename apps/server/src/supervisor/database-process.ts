import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { childEnvironment, type Env } from '../env.ts';
import { startEmbedded } from '../platform/db/embedded.ts';
import { type Child, keepRunning, logFile } from './child.ts';
import type { Flags } from './flags.ts';

export type DatabaseProcess = { url: string; ownerUrl: string | undefined; child: Child | undefined };

/** The database named in DATABASE_URL, or one of our own as a child. */
export const startDatabase = async (flags: Flags, env: Env): Promise<DatabaseProcess> => {
  if (env.DATABASE_URL) return { url: env.DATABASE_URL, ownerUrl: env.DATABASE_OWNER_URL, child: undefined };
  const log = logFile(join(flags.data, 'logs/postgresql.log'));
  const urls = { url: '', ownerUrl: '' };
  const start = async () => {
    const server = await startEmbedded({
      folder: join(flags.data, 'postgresql'),
      onOutput: (chunk) => log.write(chunk),
    });
    urls.url = server.url('application');
    urls.ownerUrl = server.url('owner');
    return server.process;
  };
  const child = await keepRunning({ name: 'The database', start, stopSignal: 'SIGINT', graceMs: 30_000 });
  return { ...urls, child };
};

/** Runs the migrations in a process of their own, the only one that gets the owner's rights. */
export const runMigrations = (root: string, database: DatabaseProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'apps/server/src/platform/db/migrate-main.ts')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: childEnvironment({ DATABASE_URL: database.url, DATABASE_OWNER_URL: database.ownerUrl }),
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new DomainError('database.unavailable', errors.trim() || `The migration ended with code ${code}.`),
        );
    });
  });
