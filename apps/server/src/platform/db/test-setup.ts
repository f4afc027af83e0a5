import type { TestProject } from 'vitest/node';
import { migrate } from './migrate.ts';
import { startScratch } from './scratch.ts';

/** Vitest's global setup: one scratch PostgreSQL per run, whose migrated database every test database is a copy of. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startScratch();
  await migrate(server.url('owner'), server.url('application'));
  project.provide('scratchServer', {
    superuser: server.url('superuser', 'postgres'),
    owner: server.url('owner'),
    application: server.url('application'),
  });
  return server.stop;
};
