import { expect, test } from 'vitest';
import { changedLines } from './editor-state.ts';

test('a line that took the place of another is changed, one that is new is added', () => {
  expect(changedLines('a\nb\nc\n', 'a\nB\nc\nd\n')).toEqual([
    { line: 2, kind: 'changed' },
    { line: 4, kind: 'added' },
  ]);
});

test('the same text has no changed line', () => {
  expect(changedLines('a\nb\n', 'a\nb\n')).toEqual([]);
});

test('lines that are gone leave the numbers of the others right', () => {
  expect(changedLines('a\nb\nc\n', 'a\nc\nd\n')).toEqual([{ line: 3, kind: 'added' }]);
});
