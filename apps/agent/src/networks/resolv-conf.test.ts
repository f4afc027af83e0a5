import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resolvConfFiles, resolvConfText } from './resolv-conf.ts';

test('a container asks its host alone, and names without a dot as they are', () => {
  expect(resolvConfText('10.200.0.1', { servers: ['9.9.9.9'], search: [], options: [] })).toBe(
    'nameserver 10.200.0.1\noptions ndots:0\n',
  );
});

test('search domains and options of the service are kept', () => {
  expect(
    resolvConfText('10.200.0.1', {
      servers: [],
      search: ['a.example', 'b.example'],
      options: ['ndots:2', 'use-vc'],
    }),
  ).toBe('nameserver 10.200.0.1\nsearch a.example b.example\noptions ndots:2 use-vc\n');
});

test('F-16 a file that says what it should is left alone: emptied on a full disk, it would stay so under its container', () => {
  const folder = mkdtempSync(join(tmpdir(), 'resolv-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = resolvConfFiles(folder);
  const path = files.write('task', 'nameserver 10.200.0.1\n');
  utimesSync(path, 1, 1);
  files.write('task', 'nameserver 10.200.0.1\n');
  expect(statSync(path).mtimeMs).toBe(1_000);
  files.write('task', 'nameserver 10.200.0.9\n');
  expect(readFileSync(path, 'utf8')).toBe('nameserver 10.200.0.9\n');
});
