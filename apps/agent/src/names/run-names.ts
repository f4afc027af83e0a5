import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { log } from '../log.ts';
import { AGENT_VERSION } from '../version.ts';
import { holdNames } from './only-one.ts';
import { startNamesService } from './service.ts';
import { namesFolder, watchTable } from './table-file.ts';

const GONE_MS = 5_000;

/** The process for names: goes on with the last table while the agent, the engine or every server is away. Ends by signal only. */
export const runNames = async (options: { stateDir: string }): Promise<void> => {
  const folder = namesFolder(options.stateDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  await holdNames(folder, { pid: process.pid, version: AGENT_VERSION });
  const service = startNamesService({ log });
  await watchTable(folder, (table) => void service.use(table));
  // An agent that was taken away with all it kept leaves nobody to answer for.
  setInterval(() => existsSync(folder) || process.exit(0), GONE_MS);
  log.info('answering names');
};
