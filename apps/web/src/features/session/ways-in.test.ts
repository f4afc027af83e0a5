import { expect, test } from 'vitest';
import { keptWay, waysOf } from './ways-in.ts';

const CORP = { id: '0190-corp', name: 'corp' };

test('where only accounts of the console exist there is nothing to choose', () => {
  expect(waysOf([])).toEqual([]);
});

test('one directory is already a choice, beside the console and whoever knows the name', () => {
  expect(waysOf([CORP]).map(({ value }) => value)).toEqual(['', '0190-corp', 'local']);
});

test('a directory that was chosen the last time and is gone is not sent', () => {
  expect(keptWay(waysOf([CORP]), '0190-corp')).toBe('0190-corp');
  expect(keptWay(waysOf([CORP]), '0190-gone')).toBe('');
});
