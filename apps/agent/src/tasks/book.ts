import { z } from 'zod';
import { soon } from '../periodic.ts';
import { coalesce } from '../state/coalesce.ts';
import type { Store } from '../state/store.ts';
import { TaskRecord } from './record.ts';

const FILE = 'record';
const SAVE_SOON_MS = 250;
/** A disk that took nothing is asked again: what was done meanwhile is on it once it has room. */
const SAVE_AGAIN_MS = 2_000;

/** The agent's record of its tasks, on disk. Many changes at once make one write. */
export type Book = {
  records: Map<string, TaskRecord>;
  /** True when there was none that could be read: what runs by our labels may then be taken back. */
  fresh: boolean;
  save(): Promise<void>;
  saveSoon(): void;
};

const Saved = z.object({ tasks: z.array(TaskRecord) });

/** `before` is waited for by each write: what the server has to be told of the past is on disk before it is past. */
export const openBook = async (store: Store, before: () => Promise<void>): Promise<Book> => {
  const bytes = await store.read(FILE);
  const saved = bytes ? Saved.safeParse(JSON.parse(bytes.toString('utf8'))).data : undefined;
  const records = new Map(saved?.tasks.map((task) => [task.taskId, task]));
  const save = coalesce(async () => {
    const content = JSON.stringify({ tasks: [...records.values()] });
    await before();
    await store.write(FILE, content);
  });
  return {
    records,
    fresh: saved === undefined,
    save,
    saveSoon: soon(SAVE_SOON_MS, 'the record was not saved', save, SAVE_AGAIN_MS),
  };
};
