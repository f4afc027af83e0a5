import { expect, test } from 'vitest';
import { specLines } from './spec-lines.ts';

test('a spec becomes lines with paths, lists of words stay together', () => {
  expect(specLines({ image: 'web:1', command: ['a', 'b'], healthcheck: { retries: 3 } })).toEqual([
    ['image', 'web:1'],
    ['command', '["a","b"]'],
    ['healthcheck.retries', '3'],
  ]);
});

test('what is empty, unset or off leaves no line', () => {
  expect(
    specLines({ ports: [], user: '', init: undefined, privileged: false, dns: { servers: [] } }),
  ).toEqual([]);
});

test('lists of objects are numbered', () => {
  expect(specLines({ ports: [{ target: 80 }, { target: 81 }] })).toEqual([
    ['ports[0].target', '80'],
    ['ports[1].target', '81'],
  ]);
});

test('times and sizes are said with their units, not counted in the smallest', () => {
  expect(specLines({ stopGraceMs: 5_000, limits: { memoryBytes: 64 * 1024 ** 2 } })).toEqual([
    ['stopGrace', '5 s'],
    ['limits.memory', '64 MiB'],
  ]);
});
