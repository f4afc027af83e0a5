import type { StreamLine } from '@portreeve/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkOf, matcherOf, mergeLines, parseLink } from './log-buffer.ts';

const line = (second: number, text = ''): StreamLine => ({
  at: new Date(second * 1000).toISOString(),
  stream: 'stdout',
  taskId: 'task',
  slot: 1,
  revision: 1,
  attempt: 1,
  text,
});
const texts = (lines: readonly { text: string }[]) => lines.map((each) => each.text);

test('lines of two tasks that cross are put in the order of their times', () => {
  const first = mergeLines([], [line(1, 'a'), line(5, 'd')]);
  expect(texts(mergeLines(first, [line(2, 'b'), line(3, 'c'), line(6, 'e')]))).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
});

test('equal times keep their order of arrival', () => {
  const first = mergeLines([], [line(1, 'a'), line(1, 'b')]);
  expect(texts(mergeLines(first, [line(1, 'c')]))).toEqual(['a', 'b', 'c']);
});

test('the oldest lines fall out first', () => {
  const first = mergeLines([], [line(1, 'a'), line(2, 'b')], 3);
  expect(texts(mergeLines(first, [line(3, 'c'), line(4, 'd')], 3))).toEqual(['b', 'c', 'd']);
});

test('whatever the batches, no line is lost and all are in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 20 }), { maxLength: 8 }),
      (batches) => {
        const all = batches.reduce(
          (lines: ReturnType<typeof mergeLines>, batch) =>
            mergeLines(
              lines,
              batch.map((second) => line(second)),
            ),
          [],
        );
        expect(all.map((each) => each.at)).toEqual(
          batches
            .flat()
            .map((second) => line(second).at)
            .sort(),
        );
      },
    ),
  );
});

test('a link names a line and is read back', () => {
  const named = line(7);
  expect(parseLink(linkOf(named))).toEqual({ at: named.at, taskId: named.taskId });
  expect(parseLink('nonsense')).toBeNull();
});

test('what is searched is text unless it stands between slashes', () => {
  expect('a.b'.match(matcherOf('.') as RegExp)).toEqual(['.']);
  expect('a.b'.match(matcherOf('/[ab]/') as RegExp)).toEqual(['a', 'b']);
  expect(matcherOf('/(/')).toBeNull();
});
