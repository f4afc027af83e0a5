import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostKey } from './host-key.ts';
import { seal, unseal } from './seal.ts';

/**
 * Sealed files in the agent's state folder. A write is a new file, fsync, rename; the generation before it is
 * kept, so that a file cut short by a full disk or a power cut costs one generation and never the agent.
 */
export type Store = {
  dir: string;
  read(name: string): Promise<Buffer | undefined>;
  write(name: string, bytes: Uint8Array | string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names below a folder of the store, the oldest first. */
  list(folder: string): Promise<string[]>;
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** Not the folder of all, which holds the key: without that, nothing written into a new one could be read again. */
const folderOf = async (dir: string, name: string): Promise<void> => {
  if (!name.includes('/')) return;
  await mkdir(dirname(join(dir, name)), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
};

const replace = async (path: string, sealed: Buffer): Promise<void> => {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(sealed);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path, `${path}.prev`).catch(() => undefined);
  await rename(fresh, path);
  await syncFolder(dirname(path));
};

export const openStore = async (dir: string): Promise<Store> => {
  const key = await hostKey(dir);
  const queues = new Map<string, Promise<void>>();

  const read = async (name: string): Promise<Buffer | undefined> => {
    for (const path of [join(dir, name), join(dir, `${name}.prev`)]) {
      const sealed = await readFile(path).catch(() => undefined);
      const plain = sealed && unseal(key, name, sealed);
      if (plain) return plain;
    }
    return undefined;
  };

  const write = (name: string, bytes: Uint8Array | string): Promise<void> => {
    const sealed = seal(key, name, Buffer.from(bytes as Uint8Array));
    const turn = (queues.get(name) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => folderOf(dir, name))
      .then(() => replace(join(dir, name), sealed));
    queues.set(name, turn);
    return turn.finally(() => {
      if (queues.get(name) === turn) queues.delete(name);
    });
  };

  const list = async (folder: string): Promise<string[]> => {
    const names = await readdir(join(dir, folder)).catch(() => []);
    const kept = names.filter((name) => !name.endsWith('.prev') && !name.endsWith('.new'));
    const aged = await Promise.all(
      kept.map(async (name) => {
        const info = await stat(join(dir, folder, name)).catch(() => undefined);
        return { name: `${folder}/${name}`, at: info?.mtimeMs ?? 0 };
      }),
    );
    return aged.sort((a, b) => a.at - b.at).map((file) => file.name);
  };

  const remove = async (name: string): Promise<void> => {
    await Promise.all(['', '.prev', '.new'].map((end) => rm(join(dir, `${name}${end}`), { force: true })));
  };

  return { dir, read, write, remove, list };
};
