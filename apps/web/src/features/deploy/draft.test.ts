import { expect, test } from 'vitest';
import { applicationOf, newDraft } from './draft.ts';

test('an empty field is not sent, so that a kept value or the default of the file counts', () => {
  const keep = { version: 3, names: ['TAG', 'KEY'], files: [] };
  const draft = { ...newDraft('/shop'), values: { TAG: '2', KEY: '' }, keep };
  expect(applicationOf(draft)).toMatchObject({ values: { TAG: '2' }, keep });
});

test('a new stack keeps nothing', () => {
  expect(applicationOf(newDraft('/'))).not.toHaveProperty('keep');
});
