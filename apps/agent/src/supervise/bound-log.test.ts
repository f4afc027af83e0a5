import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boundLog } from './bound-log.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-log-'));
  path = join(folder, 'agent.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('F-16 a log that is full begins anew, for those too that hold it open', async () => {
  const held = openSync(path, 'a');
  writeSync(held, 'much\n');
  await boundLog(path, 10);
  expect(readFileSync(path, 'utf8')).toBe('much\n');
  writeSync(held, 'and more\n');
  await boundLog(path, 10);
  writeSync(held, 'later\n');
  closeSync(held);
  expect(readFileSync(path, 'utf8')).toBe('later\n');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('much\nand more\n');
});

test('one predecessor is kept', async () => {
  for (const text of ['first log\n', 'second log\n']) {
    appendFileSync(path, text);
    await boundLog(path, 5);
  }
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('second log\n');
});

test('output that is no file is left alone', async () => {
  await boundLog('/dev/null', 0);
});
