import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store } from './store.ts';

let dir: string;
let store: Store;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-store-'));
  store = await openStore(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the state on disk', () => {
  test('is read back by a later process with the same key', async () => {
    await store.write('desired', 'generation 1');
    const later = await openStore(dir);
    expect((await later.read('desired'))?.toString()).toBe('generation 1');
  });

  test('shows nothing of its content in clear', async () => {
    await store.write('desired', 'password=hunter2');
    const files = await readdir(dir);
    const bytes = await Promise.all(files.map((name) => readFile(join(dir, name))));
    expect(Buffer.concat(bytes).includes('hunter2')).toBe(false);
  });

  test('F-16 a file cut short by a full disk costs one generation, never the agent', async () => {
    await store.write('desired', 'generation 1');
    await store.write('desired', 'generation 2');
    await truncate(join(dir, 'desired'), 10);
    expect((await store.read('desired'))?.toString()).toBe('generation 1');
    await store.write('desired', 'generation 3');
    expect((await store.read('desired'))?.toString()).toBe('generation 3');
  });

  test('a file of another name or key reads as absent', async () => {
    await store.write('identity', 'me');
    await writeFile(join(dir, 'desired'), await readFile(join(dir, 'identity')));
    expect(await store.read('desired')).toBeUndefined();
    await writeFile(join(dir, 'host.key'), Buffer.alloc(32, 1));
    expect(await (await openStore(dir)).read('identity')).toBeUndefined();
  });

  test('two that make the key of the host at the same moment have the same one', async () => {
    await rm(join(dir, 'host.key'));
    const [first] = await Promise.all(Array.from({ length: 8 }, () => openStore(dir)));
    await first?.write('identity', 'me');
    expect((await (await openStore(dir)).read('identity'))?.toString()).toBe('me');
    expect((await readdir(dir)).filter((name) => name.startsWith('host.key'))).toEqual(['host.key']);
  });

  test('a folder that was removed is not made anew, without the key that all in it is read by', async () => {
    await rm(dir, { recursive: true });
    await expect(store.write('desired', 'generation 1')).rejects.toThrow('ENOENT');
    await expect(store.write('exits/one', 'last words')).rejects.toThrow('ENOENT');
    await expect(readdir(dir)).rejects.toThrow('ENOENT');
  });

  test('a key that cannot be read is not replaced by another', async () => {
    await store.write('identity', 'me');
    await rename(join(dir, 'host.key'), join(dir, 'kept'));
    await mkdir(join(dir, 'host.key'));
    await expect(openStore(dir)).rejects.toThrow('EISDIR');
    await rmdir(join(dir, 'host.key'));
    await rename(join(dir, 'kept'), join(dir, 'host.key'));
    expect((await (await openStore(dir)).read('identity'))?.toString()).toBe('me');
  });

  test('writes of one name keep their order', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.write('record', String(i))));
    expect((await store.read('record'))?.toString()).toBe('19');
  });
});
