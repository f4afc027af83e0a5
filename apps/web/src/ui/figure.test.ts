import { expect, test } from 'vitest';
import { figureWords } from './figure.ts';

test('figures are said with their unit, and what is not known is said too', () => {
  expect(figureWords('cores', 0.2534)).toBe('0.253 cores');
  expect(figureWords('bytes', 12 * 1024 ** 2)).toBe('12 MiB');
  expect(figureWords('bytes/s', 2_048)).toBe('2 KiB/s');
  expect(figureWords('processes', 31)).toBe('31');
  expect(figureWords('cores', null)).toBe('–');
});
