import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trustRegistries } from './registry.ts';

let above: string;
let certs: string;
beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), 'certs-'));
  certs = join(above, 'certs.d');
  await mkdir(certs);
});
afterEach(() => rm(above, { recursive: true }));

const access = (registry: string, caPem?: string) => ({
  registry,
  projectPath: '/',
  plainHttp: false,
  caPem,
});

test('the engine is shown the CA of a registry, and no longer when it is taken out of the settings', async () => {
  await trustRegistries([access('r.example:5000', 'one')], certs);
  expect(await readFile(join(certs, 'r.example:5000', 'portreeve.crt'), 'utf8')).toBe('one');
  await trustRegistries([access('r.example:5000', 'two'), access('other.example', 'three')], certs);
  expect(await readFile(join(certs, 'r.example:5000', 'portreeve.crt'), 'utf8')).toBe('two');
  await trustRegistries([access('r.example:5000'), access('other.example', 'three')], certs);
  expect(await readdir(certs)).toEqual(['other.example']);
});

test('what the host has there by itself stays, beside ours and after it', async () => {
  await mkdir(join(certs, 'r.example'));
  await writeFile(join(certs, 'r.example', 'ca.crt'), 'theirs');
  await mkdir(join(certs, 'untouched.example'));
  await trustRegistries([access('r.example', 'ours')], certs);
  expect((await readdir(join(certs, 'r.example'))).toSorted()).toEqual(['ca.crt', 'portreeve.crt']);
  await trustRegistries([], certs);
  expect(await readFile(join(certs, 'r.example', 'ca.crt'), 'utf8')).toBe('theirs');
  expect((await readdir(certs)).toSorted()).toEqual(['r.example', 'untouched.example']);
});

test('no name of a registry leads out of the folder', async () => {
  await trustRegistries([access('../x', 'ca'), access('a/b', 'ca'), access('..', 'ca')], certs);
  expect(await readdir(certs)).toEqual([]);
  expect(await readdir(above)).toEqual(['certs.d']);
});
