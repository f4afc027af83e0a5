import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoOf, lineReader, type RawLine } from './log-lines.ts';

const frame = (stream: 1 | 2, text: string): Buffer => {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};
const read = (chunks: readonly Buffer[], tty = false): RawLine[] => {
  const lines: RawLine[] = [];
  const reader = lineReader(tty, (line) => lines.push(line));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return lines;
};
const at = '2026-01-01T00:00:00.123456789Z';

test('frames become lines with their stream and time', () => {
  const lines = read([frame(1, `${at} hello\n`), frame(2, `${at} oh\n`)]);
  expect(lines).toEqual([
    { at, stream: 'stdout', text: 'hello' },
    { at, stream: 'stderr', text: 'oh' },
  ]);
});

test('the last line counts without its end', () => {
  expect(read([frame(1, `${at} no end`)])[0]?.text).toBe('no end');
});

test('a terminal has no frames, and carriage returns are not text', () => {
  expect(read([Buffer.from(`${at} prompt\r\n`)], true)[0]?.text).toBe('prompt');
});

test('however the bytes are cut, the lines are the same', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 16 }), (said, size) => {
      const whole = Buffer.concat(said.map((text) => frame(1, `${at} ${text.replaceAll('\n', ' ')}\n`)));
      const pieces: Buffer[] = [];
      for (let from = 0; from < whole.length; from += size) pieces.push(whole.subarray(from, from + size));
      expect(read(pieces)).toEqual(read([whole]));
    }),
  );
});

test('times are shown in milliseconds', () => expect(isoOf(at)).toBe('2026-01-01T00:00:00.123Z'));
