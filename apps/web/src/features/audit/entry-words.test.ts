import { expect, test } from 'vitest';
import { changesIn, detailWords, restIn } from './entry-words.ts';

const DETAIL = {
  change: { replicas: { from: 2, to: 3 }, password: 'not shown', note: { from: null, to: 'x' } },
  reason: 'incident 4411',
  nothing: {},
  empty: '',
  subject: { id: '0190', kind: 'team', name: 'storefront' },
  permissions: ['stack.read', 'service.logs'],
};

test('an entry tells field by field what was and is, and of a secret only that it changed', () => {
  expect(changesIn(DETAIL)).toEqual([
    { path: 'replicas', from: 2, to: 3 },
    { path: 'password', from: 'not shown', to: 'changed' },
    { path: 'note', from: undefined, to: 'x' },
  ]);
  expect(restIn(DETAIL)).toEqual({
    reason: 'incident 4411',
    subject: 'storefront',
    permissions: 'stack.read, service.logs',
  });
  expect(detailWords(DETAIL)).toBe(
    'replicas: 2 → 3, password: not shown → changed, note: none → x, reason: incident 4411, subject: storefront, permissions: stack.read, service.logs',
  );
});
