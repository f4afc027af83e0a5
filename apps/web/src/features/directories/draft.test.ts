import { expect, test } from 'vitest';
import { draftOf, ofKind, read, wrongAt } from './draft.ts';

const TYPED = {
  ...draftOf(),
  urls: 'ldaps://one.example\n ldaps://two.example:1636 ',
  users: draftOf().users.map((search) => ({ ...search, base: 'ou=people,dc=example' })),
};

test('a set-up that is typed is read as the contract has it', () => {
  expect(read(TYPED).data).toMatchObject({
    urls: ['ldaps://one.example', 'ldaps://two.example:1636'],
    caPem: null,
    syncSeconds: 60,
    guard: { percent: 20, atLeast: 5 },
  });
});

test('what is wrong is told at its field', () => {
  const plain = read({ ...TYPED, urls: 'ldap://one.example' });
  expect(wrongAt(plain, 'urls')).toMatch(/ldaps/);
  expect(wrongAt(plain, 'bindDn')).toBeUndefined();
  expect(wrongAt(read({ ...TYPED, syncSeconds: '' }), 'syncSeconds')).toBeDefined();
});

test('another kind of directory keeps where people are and changes what they are called by', () => {
  const { users, keyAttribute } = ofKind(TYPED, 'active-directory');
  expect(users[0]).toMatchObject({ base: 'ou=people,dc=example', usernameAttribute: 'sAMAccountName' });
  expect(keyAttribute).toBe('objectGUID');
});
