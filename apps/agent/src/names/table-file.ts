import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMPTY_TABLE, NamesTable } from './table.ts';

const FILE = 'table.json';
/** Watching can miss a change on some file systems; looking costs next to nothing. */
const LOOK_MS = 2_000;

/** Where agent and names process meet, below the agent's state folder. */
export const namesFolder = (stateDir: string): string => join(stateDir, 'names');

/** The last table written, or an empty one: a broken file must not keep an agent or the names from starting. */
export const readTable = async (folder: string): Promise<NamesTable> => {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return EMPTY_TABLE;
  try {
    return NamesTable.parse(JSON.parse(text));
  } catch {
    return EMPTY_TABLE;
  }
};

/** Puts a new table in place of the old one, whole or not at all. One writer at a time. */
export const writeTable = async (folder: string, table: NamesTable): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `${FILE}.new`);
  await writeFile(fresh, JSON.stringify(table), { mode: 0o600 });
  await rename(fresh, join(folder, FILE));
};

/** Calls back with each new table, the present one first; a broken one is passed over. */
export const watchTable = async (
  folder: string,
  onTable: (table: NamesTable) => void,
): Promise<{ stop(): void }> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let last: string | undefined;
  let reading: Promise<void> | undefined;
  let again = false;

  const read = async (): Promise<void> => {
    const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined);
    if (text === undefined || text === last) return;
    last = text;
    try {
      onTable(NamesTable.parse(JSON.parse(text)));
    } catch {
      // The table before it stays in force.
    }
  };
  const look = (): void => {
    if (reading) {
      again = true;
      return;
    }
    reading = read().finally(() => {
      reading = undefined;
      if (!again) return;
      again = false;
      look();
    });
  };

  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, look);
    watcher.on('error', () => watcher?.close());
  } catch {
    // Out of inotify watches: looking again is enough.
  }
  const timer = setInterval(look, LOOK_MS);
  look();
  await reading;
  return {
    stop: () => {
      clearInterval(timer);
      watcher?.close();
    },
  };
};
