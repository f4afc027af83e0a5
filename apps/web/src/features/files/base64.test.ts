import { expect, test } from 'vitest';
import { decodeText, encodeBytes } from './base64.ts';

test('text comes back as it went, whatever its letters, marks and line breaks', () => {
  for (const text of ['', 'key: value\n', 'ä €\r\n𝄞', '\ufeffwith a mark', '\u0001'])
    expect(decodeText(encodeBytes(new TextEncoder().encode(text)))).toBe(text);
});

test('bytes that are no text are not shown as text', () => {
  expect(decodeText(encodeBytes(Uint8Array.of(0x89, 0x50, 0xff)))).toBeNull();
  expect(decodeText(encodeBytes(Uint8Array.of(65, 0, 66)))).toBeNull();
});

test('large files are encoded too', () => {
  const bytes = new Uint8Array(400_000).fill(65);
  expect(decodeText(encodeBytes(bytes))).toHaveLength(400_000);
});
