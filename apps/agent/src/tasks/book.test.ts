import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitRecord } from '@portreeve/domain';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { log } from '../log.ts';
import { openOutbox } from '../reports/outbox.ts';
import { openStore, type Store } from '../state/store.ts';
import { openBook } from './book.ts';
import { newRecord } from './record.ts';

log.level = 'silent';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-book-'));
  store = await openStore(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const exit: ExitRecord = {
  ...{ attempt: 1, containerId: 'c', endedAt: new Date().toISOString(), outOfMemory: false },
  ...{ endedBy: 'itself', reason: 'it ended', logTail: '' },
};

test('F-9 an end is on the way to the server before the record says that it is past, and holds up nothing but the record', async () => {
  const order: string[] = [];
  let letGo = (): void => undefined;
  let disk: Promise<void> = Promise.resolve();
  const slow: Store = {
    ...store,
    write: async (name, bytes) => {
      if (name === 'outbox') await disk;
      await store.write(name, bytes);
      order.push(name);
    },
  };
  const outbox = await openOutbox(slow);
  const book = await openBook(slow, outbox.exitsWritten);
  const taskId = randomUUID();
  disk = new Promise((resolve) => {
    letGo = resolve;
  });
  book.records.set(taskId, newRecord(taskId, 0));
  await book.save();
  expect(order).toEqual(['outbox', 'record']);
  outbox.exit(taskId, exit);
  const saved = book.save();
  letGo();
  await saved;
  expect(order).toEqual(['outbox', 'record', 'outbox', 'record']);
  expect((await openOutbox(store)).left().exits).toBe(1);
});

test('F-16 a disk that takes no end keeps the record from nothing', async () => {
  const full: Store = { ...store, write: () => Promise.reject(new Error('ENOSPC')) };
  const outbox = await openOutbox(full);
  const book = await openBook(store, outbox.exitsWritten);
  outbox.exit(randomUUID(), exit);
  await book.save();
  expect(outbox.left().exits).toBe(1);
});

test('F-16 what a full disk did not take is written once it has room, with nothing new to write', async () => {
  const disk = { full: true };
  const small: Store = {
    ...store,
    write: async (name, bytes) => {
      if (disk.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      await store.write(name, bytes);
    },
  };
  const outbox = await openOutbox(small);
  const book = await openBook(small, outbox.exitsWritten);
  const taskId = randomUUID();
  book.records.set(taskId, newRecord(taskId, 0));
  outbox.exit(taskId, exit);
  await expect(book.save()).rejects.toThrow('no space left');
  book.saveSoon();
  disk.full = false;
  const onDisk = async (name: string) => (await store.read(name))?.toString() ?? '';
  await expect.poll(() => onDisk('outbox')).toContain('it ended');
  await expect.poll(() => onDisk('record')).toContain(taskId);
});
