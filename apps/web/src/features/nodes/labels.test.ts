import { expect, test } from 'vitest';
import { readLabels, writeLabels } from './labels.ts';

test('labels come back as they were written', () => {
  const labels = { zone: 'r1', disk: 'ssd=fast', empty: '' };
  expect(readLabels(writeLabels(labels))).toEqual({ labels, wrong: undefined });
});

test('a line that is no label is named', () => {
  expect(readLabels('zone=r1\n=x').wrong).toBe('"=x" is no label: write key=value.');
});

test('a key given twice is named', () => {
  expect(readLabels('zone=a\nzone=b').wrong).toBe('zone stands here twice.');
});

test('empty lines and blanks do not matter', () => {
  expect(readLabels('\n  zone = r1 \n').labels).toEqual({ zone: 'r1' });
});
