import { expect, test } from 'vitest';
import { readCast, sizeOf } from './cast.ts';

const FILE = [
  '{"version":2,"width":100,"height":30,"timestamp":1764500000}',
  '[0.5,"o","$ "]',
  '[1,"i","secret"]',
  '[3600,"o","ls\\r\\n"]',
  '[3601,"r","120x40"]',
  '[3602,"o","cut o',
].join('\n');

test('a recording is read with its silences shortened, without what was typed and a line that was cut off', () => {
  const cast = readCast(FILE);
  expect(cast).toMatchObject({ columns: 100, rows: 30, length: 3.5 });
  expect(cast?.events.map(({ at, kind }) => [at, kind])).toEqual([
    [0.5, 'o'],
    [2.5, 'o'],
    [3.5, 'r'],
  ]);
  expect(sizeOf('120x40')).toEqual({ columns: 120, rows: 40 });
});

test('what is no recording is told apart', () => {
  expect(readCast('<html>')).toBeUndefined();
  expect(readCast('')).toBeUndefined();
});
