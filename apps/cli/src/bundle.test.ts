import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readApplication } from './bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (path: string, content: string | Uint8Array): string => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
  return join(folder, path);
};
const read = (more: Partial<Parameters<typeof readApplication>[0]>) =>
  readApplication({
    ...{ file: join(folder, 'compose.yaml'), bundle: true, value: [], envFile: [], profile: [] },
    ...more,
  });

test('a bundle carries text as text and everything else byte by byte', () => {
  write('compose.yaml', 'services: {}\n');
  write('conf/logo.png', new Uint8Array([0x89, 0xff]));
  write('conf/zero', 'a\0b');
  write('conf/bom', '\ufeffa');
  expect(read({}).files).toEqual({
    'compose.yaml': 'services: {}\n',
    'conf/logo.png': { base64: 'if8=' },
    'conf/zero': { base64: 'YQBi' },
    'conf/bom': '\ufeffa',
  });
});

test('values are those of env files by the rules of dotenv, and over them those of the command line as they are', () => {
  const envFile = [write('values.env', '# of us\nexport A="1 2" # said\nB=b\nC=$B\n')];
  expect(read({ envFile, value: ['B="x"', 'D=a=b'] }).values).toEqual({
    A: '1 2',
    B: '"x"',
    C: 'b',
    D: 'a=b',
  });
});

test.each([
  ['A=1\nno value\n', ':2: Line 2 is not NAME=value'],
  ['A\n', ':1: A has no value; write A=value.'],
  ['A=$NOPE\n', ':1: The variable NOPE has no value'],
])('a line of an env file that gives no value is refused, not passed over: %j', (text, message) => {
  const envFile = [write('wrong.env', text)];
  expect(() => read({ envFile })).toThrow(message);
});
