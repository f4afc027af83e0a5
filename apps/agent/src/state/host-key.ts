import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;

const unlessThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};

/**
 * The key that everything of the agent on disk is encrypted with: made at the first start, readable to root
 * only. Whoever can read it is root on this host already; it keeps backups and disk images of the folder mute.
 */
export const hostKey = async (stateDir: string): Promise<Buffer> => {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await chmod(stateDir, 0o700);
  const path = join(stateDir, 'host.key');
  const present = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    // One that is there and cannot be read now is no reason to make another: all that it sealed would be lost.
    if (error.code !== 'ENOENT') throw error;
  });
  if (present?.length === KEY_BYTES) return present;
  const fresh = `${path}.${randomUUID()}`;
  try {
    await writeFile(fresh, randomBytes(KEY_BYTES), { flag: 'wx', mode: 0o600, flush: true });
    // A broken one sealed nothing. Else whoever comes second takes the first one's: an agent waits while its host joins.
    if (present) await rename(fresh, path);
    else await link(fresh, path).catch(unlessThere);
  } finally {
    await rm(fresh, { force: true });
  }
  return readFile(path);
};
