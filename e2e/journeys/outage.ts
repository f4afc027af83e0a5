import { existsSync } from 'node:fs';
import { processesBelow } from '../console/process-tree.ts';
import type { Product } from '../console/product.ts';
import { eventually } from '../lab/lab.ts';

/** It may have ended by itself since it was found. */
const signalIfThere = (pid: number, signal: NodeJS.Signals): void => {
  if (existsSync(`/proc/${pid}`)) process.kill(pid, signal);
};

/** Keeps the database down: the supervisor starts it anew with growing patience, and each start is killed. */
export const keepDatabaseDead = async (product: Product, ms: number): Promise<void> => {
  const until = Date.now() + ms;
  const killed = (): boolean => {
    if (Date.now() >= until) return true;
    const database = processesBelow(product.pid).find(({ command }) => command.includes('bin/postgres'));
    if (database) signalIfThere(database.pid, 'SIGKILL');
    return false;
  };
  await eventually(killed, { timeout: ms + 5_000, interval: 250 });
};

/** Lets the database hang: every process of it is there, holds its connections and answers nothing. */
export const hangDatabase = async (product: Product, ms: number): Promise<void> => {
  const until = Date.now() + ms;
  const first = await product.databasePid();
  const pids = [first, ...processesBelow(first).map(({ pid }) => pid)];
  for (const pid of pids) signalIfThere(pid, 'SIGSTOP');
  try {
    await eventually(() => Date.now() >= until, { timeout: ms + 5_000, interval: 250 });
  } finally {
    for (const pid of pids) signalIfThere(pid, 'SIGCONT');
  }
};
