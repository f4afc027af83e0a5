import { expect, test } from 'vitest';
import { ansiSpans, plainText } from './ansi.ts';

const ESC = '\x1b';

test('colours and weight become spans', () => {
  expect(ansiSpans(`a ${ESC}[1;31mred${ESC}[0m b`)).toEqual([
    { text: 'a ' },
    { text: 'red', bold: true, color: 'red' },
    { text: ' b' },
  ]);
});

test('a bright colour is its plain one, for contrast', () => {
  expect(ansiSpans(`${ESC}[92mok`)).toEqual([{ text: 'ok', color: 'green' }]);
});

test('numbers of 256 and true colours are not read as styles', () => {
  expect(ansiSpans(`${ESC}[38;5;1mx${ESC}[38;2;1;4;3my`)).toEqual([{ text: 'x' }, { text: 'y' }]);
});

test.each([
  ['a title', `${ESC}]0;owned\x07text`],
  ['a link', `${ESC}]8;;http://evil\x07text${ESC}]8;;\x07`],
  ['the clipboard', `${ESC}]52;c;ZXZpbA==\x07text`],
  ['a cursor move', `${ESC}[2J${ESC}[1;1Htext`],
  ['a device string', `${ESC}P1$q${ESC}\\text`],
  ['a mark that reorders text', 'te\u202ext'],
  ['a bell and a backspace', '\x07te\x08xt'],
])('%s is dropped', (_, line) => {
  expect(plainText(line)).toBe('text');
});
