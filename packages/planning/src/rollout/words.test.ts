import { expect, it } from 'vitest';
import { slotNumbers, slotsInWords } from './words.ts';

it('shortens runs of slots', () => {
  expect(slotNumbers([12, 1, 4, 5, 6, 7])).toBe('1, 4 to 7 and 12');
  expect(slotNumbers([5, 6])).toBe('5 and 6');
  expect(slotsInWords([3])).toBe('slot 3');
});
