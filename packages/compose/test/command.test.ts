import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitCommand } from '../src/command-line.ts';
import { saidOf, specOf, withService } from './reading.ts';

describe('commands', () => {
  test.each([
    ['a b  c', ['a', 'b', 'c']],
    [`sh -c 'a; b "c"'`, ['sh', '-c', 'a; b "c"']],
    ['a "b c"d', ['a', 'b cd']],
    [`a "" ''`, ['a', '', '']],
    ['a\\ b', ['a b']],
    [`'a\\b'`, ['a\\b']],
    ['"a\\"b"', ['a"b']],
    ['"it\'s"', ["it's"]],
    ['', []],
  ])('%s is split as Compose does', (line, words) => {
    expect(splitCommand(line)).toEqual({ words });
  });

  test.each(['a; b', 'a && b', 'a | b', 'a > b', 'a `b`', 'a $(b)'])(
    '%s needs a shell and says so',
    (line) => {
      expect(splitCommand(line)).toEqual({ problem: expect.stringContaining('["sh", "-c", "…"]') });
    },
  );

  test('words in single quotes are read back', () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(splitCommand(words.map((text) => `'${text}'`).join(' '))).toEqual({ words });
      }),
    );
  });

  test('no line makes it throw', () => {
    fc.assert(fc.property(fc.string(), (line) => void splitCommand(line)));
  });

  test('a backslash at the end is refused, as Compose does', () => {
    expect(splitCommand('a\\')).toEqual({ problem: expect.stringContaining('ends with a backslash') });
  });

  test('a list is taken as it is, an empty one clears the command of the image', () => {
    expect(specOf(withService('command: [a, "b c"]\nentrypoint: []'))).toMatchObject({
      command: ['a', 'b c'],
      entrypoint: [],
    });
  });

  test('a quote that is not closed is an error', () => {
    expect(saidOf(withService(`command: 'a "b'`))).toEqual([
      'services.web.command: A " is not closed; add the second one.',
    ]);
  });
});
