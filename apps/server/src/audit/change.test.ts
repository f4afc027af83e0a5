import { expect, it } from 'vitest';
import { changeOf } from './change.ts';

it('a change has what differs, before and after, and nothing of what was not sent', () => {
  const before = { name: 'a', labels: { zone: 'x' }, ports: [1, 2], at: new Date(0), other: 1 };
  const after = {
    name: 'b',
    labels: { zone: 'x' },
    ports: [1, 3],
    at: new Date(0),
    other: undefined,
    added: true,
  };
  expect(changeOf(before, after).change).toEqual({
    name: { from: 'a', to: 'b' },
    ports: { from: [1, 2], to: [1, 3] },
    added: { from: null, to: true },
  });
});

it.each(['password', 'sealedPassword', 'tokenHash', 'webhookSecret', 'contentBase64'])(
  'of %s it says only that it was sent',
  (name) => {
    expect(JSON.stringify(changeOf({ [name]: 'old' }, { [name]: 'new' }))).not.toMatch(/old|new/);
  },
);

it('what is long is cut', () => {
  const { change } = changeOf({}, { caPem: 'x'.repeat(10_000) });
  expect(JSON.stringify(change).length).toBeLessThan(600);
});
