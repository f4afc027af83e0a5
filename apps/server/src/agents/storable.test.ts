import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storable } from './storable.ts';

test('S-45 no text that the database refuses is left, at any depth', () => {
  const text = fc.uint16Array().map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(text, text, (key, one) => {
      const [[keptKey, [kept]] = ['', ['']]] = Object.entries(storable({ [key]: [one] }) as object);
      for (const each of [keptKey, kept]) expect(each.isWellFormed() && !each.includes('\0')).toBe(true);
      expect(kept).toHaveLength(one.length);
    }),
  );
  expect(storable({ 'a\0': ['\ud83d', { b: '\0' }] })).toEqual({ 'a\ufffd': ['\ufffd', { b: '\ufffd' }] });
});

test('all that the database takes stays as it is', () => {
  const bytes = Buffer.from('\0');
  const plain = { text: 'grün 🚢\n', list: [1, null, true], none: undefined, bytes };
  expect(storable(plain)).toEqual(plain);
  expect((storable(plain) as typeof plain).bytes).toBe(bytes);
});
