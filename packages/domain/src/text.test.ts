import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, escapeControls, escapeControlsInJson } from './text.ts';

describe('untrusted text', () => {
  it.each([
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['a\nb', 'a\\nb'],
    ['\u202ereversed', '\\u{202e}reversed'],
    ['plain Ünïcode 東京', 'plain Ünïcode 東京'],
  ])('S-45 shows %j as %j', (text, shown) => {
    expect(escapeControls(text)).toBe(shown);
  });

  it('S-45 never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
        expect(escapeControls(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it('S-45 leaves a line of JSON saying the same, without a character that steers a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = escapeControlsInJson(JSON.stringify({ text }));
        expect(JSON.parse(line)).toEqual({ text });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['-2', "'-2"],
    ['a,"b"', '"a,""b"""'],
  ])('S-45 writes %j into a CSV file as %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });
});
