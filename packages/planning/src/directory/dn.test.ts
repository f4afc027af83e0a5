import { describe, expect, it } from 'vitest';
import { normalDn } from './dn.ts';
import { membersOfGroup, type SeenGroup } from './groups.ts';

describe('the one spelling of a DN', () => {
  it.each([
    ['CN=Ann, OU=People,DC=shop', 'cn=ann,ou=People,dc=SHOP'],
    ['cn=Smith\\, Ann,dc=shop', 'cn=Smith\\2C Ann,dc=shop'],
    ['cn=M\\C3\\BCller,dc=shop', 'CN=müller,DC=shop'],
    ['cn=ann+uid=1,dc=shop', 'UID=1+CN=Ann,dc=shop'],
    ['cn=\\#1 Ann,dc=shop', 'cn=#1  ann,dc=shop'],
  ])('is the same for %s and %s', (one, other) => {
    expect(normalDn(one)).toBe(normalDn(other));
  });

  it.each([
    ['cn=a\\,b,dc=shop', 'cn=a,b=,dc=shop'],
    ['cn=a\\+b=c,dc=shop', 'cn=a+b=c,dc=shop'],
    ['cn=\\ ann,dc=shop', 'cn=ann,dc=shop'],
    ['cn=muller,dc=shop', 'cn=müller,dc=shop'],
  ])('tells %s from %s', (one, other) => {
    expect(normalDn(one)).not.toBe(normalDn(other));
  });

  it('makes something of what is no DN', () => {
    for (const text of ['', 'Ann', 'cn', '=,=', '\\', 'cn=\\', ',,,'])
      expect(typeof normalDn(text)).toBe('string');
  });
});

describe('members of a group', () => {
  const group = (dn: string, ...members: string[]): SeenGroup => ({ key: dn, dn, members });
  const groups = [group('a', 'p1', 'b'), group('b', 'p2', 'c'), group('c', 'p3', 'a')];
  const byDn = new Map(groups.map((each) => [each.dn, each]));
  const [first] = groups as [SeenGroup];

  it('are those of the groups in it too, in a circle as well', () => {
    expect([...membersOfGroup(first, byDn, true)].sort()).toEqual(['p1', 'p2', 'p3']);
  });
  it('are its own alone where it is not nested', () => {
    expect([...membersOfGroup(first, byDn, false)]).toEqual(['p1']);
  });
});
