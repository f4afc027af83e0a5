import { constants } from 'node:fs';
import { copyFile, open, stat } from 'node:fs/promises';

const MAX_BYTES = 20 * 1024 * 1024;

/**
 * Keeps a log that all processes of the agent append to below a size, with one predecessor: what no systemd keeps would
 * grow until the disk is full. Emptied in place, since each of them holds it open; output that is no file stays alone.
 */
export const boundLog = async (path: string, maxBytes = MAX_BYTES): Promise<void> => {
  const found = await stat(path);
  if (!found.isFile() || found.size <= maxBytes) return;
  const file = await open(path, constants.O_WRONLY);
  try {
    // On a full disk there is no predecessor, and room again.
    await copyFile(path, `${path}.1`).catch(() => undefined);
    await file.truncate(0);
  } finally {
    await file.close();
  }
};
