import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { destroyLab } from './destroy.ts';
import { CLEAN_ENV } from './run.ts';
import { serveNames } from './site-dns.ts';
import { type LabRecord, readRecord } from './state.ts';

const SELF = fileURLToPath(import.meta.url);

/**
 * Starts the lab's keeper: a process that outlives the owner, however that ends (even by SIGKILL),
 * and then takes the lab down. It needs no signal handlers in the owner, and no polling: the pipe
 * between them ends with the owner. Meanwhile it is the lab's resolver. Returns what dismisses it.
 */
export function startKeeper(lab: LabRecord): () => void {
  const log = openSync(join(lab.dir, 'keeper.log'), 'a');
  const child = spawn(process.execPath, [SELF, lab.id], {
    env: CLEAN_ENV,
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  // A pipe would keep the owner's event loop busy; node's types do not say that it is a socket.
  const pipe = child.stdin;
  if (pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  return () => child.kill('SIGKILL');
}

async function keep(id: string): Promise<void> {
  const record = readRecord(id);
  if (record !== undefined) serveNames(record).catch((error: unknown) => console.error(error));
  for await (const _ of process.stdin);
  if (record !== undefined) await destroyLab(record);
  process.exit();
}

if (process.argv[1] === SELF) {
  const id = process.argv[2];
  if (id !== undefined) await keep(id);
}
