import { expect, test } from 'vitest';
import { asSentence } from './sentence.ts';

test('a reason that stands alone begins with a capital and ends with a stop', () => {
  expect(asSentence('the data of orders is on node-1')).toBe('The data of orders is on node-1.');
  expect(asSentence('No node fits.')).toBe('No node fits.');
  expect(asSentence('')).toBe('');
});
