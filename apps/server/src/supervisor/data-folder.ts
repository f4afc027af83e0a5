import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DomainError, formatBytes } from '@portreeve/domain';

/** A first start writes about 200 MiB: the database, logs, the agent's state. */
const NEEDED_BYTES = 300 * 1024 * 1024;

const requireRoom = (folder: string): void => {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= NEEDED_BYTES) return;
  throw new DomainError(
    'internal',
    `The disk that holds ${folder} is full: only ${formatBytes(bavail * bsize)} are free.`,
    {
      hint: `Make ${formatBytes(NEEDED_BYTES)} free, or choose another folder with --data.`,
    },
  );
};

const isSupervisor = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('supervisor/main.ts');
  } catch {
    return false;
  }
};

export const pidFile = (folder: string): string => join(folder, 'supervisor.pid');

/** The supervisor that runs on this folder now, if one does. */
export const runningSupervisor = (folder: string): number | undefined => {
  if (!existsSync(pidFile(folder))) return undefined;
  const pid = Number(readFileSync(pidFile(folder), 'utf8'));
  return isSupervisor(pid) && pid !== process.pid ? pid : undefined;
};

/** Makes the folder ours: it can be written, has room, and nobody else runs on it. Returns what lets go of it. */
export const claimDataFolder = (folder: string): (() => void) => {
  try {
    // Others may pass through to the database's own folder, and see nothing of what lies beside it.
    mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o711 });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new DomainError('internal', `The data folder ${folder} cannot be written.`, {
      hint: 'Choose another with --data, or start as the user who owns it.',
      cause,
    });
  }
  requireRoom(folder);
  const other = runningSupervisor(folder);
  if (other)
    throw new DomainError('conflict.state', `Portreeve already runs on ${folder} (process ${other}).`, {
      hint: 'Use that one, or end it with "npm run down".',
    });
  writeFileSync(pidFile(folder), String(process.pid));
  return () => rmSync(pidFile(folder), { force: true });
};
