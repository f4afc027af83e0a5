import { expect, test } from 'vitest';
import { searchOf, subjectText } from './subject.ts';

test('what a field says of somebody is looked for by the name alone', () => {
  const subject = { kind: 'service-account', id: '1', name: 'ci', displayName: '' } as const;
  expect(subjectText(subject)).toBe('service account ci');
  expect(searchOf(subjectText(subject))).toBe('ci');
  expect(searchOf('teamwork')).toBe('teamwork');
});
