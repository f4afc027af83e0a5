import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { ownCommand } from '../supervise/own-command.ts';
import { AGENT_VERSION } from '../version.ts';
import { namesStatus } from './only-one.ts';
import { namesFolder } from './table-file.ts';

const LOOK_MS = 10_000;
/** A unit or supervisor that starts it too has this long to be first. */
const PATIENCE_MS = 1_000;

/** Starts the process for names apart from this one: it goes on when this one ends, however it does. */
const startNames = (stateDir: string): void => {
  const { command, args } = ownCommand(['names', '--state', stateDir]);
  const output = openSync(join(namesFolder(stateDir), 'names.log'), 'w', 0o600);
  const child = spawn(command, args, { detached: true, stdio: ['ignore', output, output] });
  child.once('error', (error) => log.error({ error: messageOf(error) }, 'names cannot be answered'));
  child.unref();
};

/**
 * Sees to it that names are answered while this host has networks, by a process of this version. The one found
 * running stays; one of another version is asked to end, and whoever keeps it starts the new one.
 */
export const keepNames = (stateDir: string): { needed(): void; stop(): void } => {
  let wanted = false;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    const folder = namesFolder(stateDir);
    const present = await namesStatus(folder);
    if (present?.version === AGENT_VERSION) return;
    if (present) process.kill(present.pid, 'SIGTERM');
    await pause(PATIENCE_MS, undefined, { ref: false });
    if ((await namesStatus(folder)) === undefined) startNames(stateDir);
  };
  const soon = (): void => {
    if (!wanted || looking) return;
    looking = look()
      .catch((error) => log.warn({ error: messageOf(error) }, 'the process for names was not seen to'))
      .finally(() => {
        looking = undefined;
      });
  };
  const timer = setInterval(soon, LOOK_MS);
  timer.unref();
  return {
    needed: () => {
      if (wanted) return;
      wanted = true;
      soon();
    },
    stop: () => clearInterval(timer),
  };
};
