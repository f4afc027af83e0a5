import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBytes, parseDuration } from '../src/quantities.ts';

describe('durations', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['10ms', 10],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['2h32m', 9_120_000],
    ['100us', 1],
    ['1d', 86_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '30', 's', '1x', '-1s', '1s ', '1 s', '1s1', `${'9'.repeat(40)}h`])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('hours, minutes, seconds and milliseconds add up', () => {
    const part = fc.nat({ max: 10_000 });
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1_000 + ms);
      }),
    );
  });
});

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['1024', 1_024],
    ['64m', 67_108_864],
    ['64M', 67_108_864],
    ['64MB', 67_108_864],
    ['64MiB', 67_108_864],
    ['1 gb', 1_073_741_824],
    ['0.5k', 512],
    ['10b', 10],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each(['', 'm', '-1m', '1x', '1mm', '1e3', '99999999999999999', '9999999999p'])(
    '%j is none',
    (text) => {
      expect(parseBytes(text)).toBeUndefined();
    },
  );

  test('every number of bytes is read back, with any unit that divides it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), fc.constantFrom('', 'k', 'm', 'g'), (amount, unit) => {
        expect(parseBytes(`${amount}${unit}`)).toBe(amount * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit));
      }),
    );
  });
});
