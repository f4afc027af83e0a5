import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowanceOf, planDirectory } from './plan.ts';
import type { DirectorySnapshot, KnownPerson, SeenPerson, TeamMembership } from './types.ts';

const LIMITS = { percent: 20, atLeast: 5 };
const person = (n: number | string, more: Partial<SeenPerson> = {}): SeenPerson => ({
  ...{
    key: `k${n}`,
    dn: `uid=p${n}`,
    username: `p${n}`,
    displayName: `P ${n}`,
    email: null,
    disabled: false,
  },
  ...more,
});
const account = (n: number | string, disabled: KnownPerson['disabled'] = 'no'): KnownPerson => ({
  ...person(n),
  id: `u${n}`,
  disabled,
});
const member = (n: number | string, teamId = 't', ruleId: string | null = 'r'): TeamMembership => ({
  ...{ id: `m-${teamId}-${n}-${ruleId}`, userId: `u${n}`, teamId, ruleId },
});
const rule = (members: (number | string)[], judged: DirectorySnapshot['judged'] = 'all') => ({
  ...{ ruleId: 'r', teamId: 't', judged, members: new Set(members.map((n) => `k${n}`)) },
});
const snapshot = (more: Partial<DirectorySnapshot>): DirectorySnapshot => ({
  ...{ seen: [], judged: 'all', known: [], rules: [], memberships: [], createAccounts: false },
  ...more,
});
const plan = (more: Partial<DirectorySnapshot>) => planDirectory(snapshot(more), LIMITS);
const many = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('a plan of a directory', () => {
  it('lets join who is in the group and leave who is not', () => {
    const { join, leave, held } = plan({
      seen: [person(1), person(2)],
      known: [account(1), account(2)],
      rules: [rule([1])],
      memberships: [member(2)],
    });
    expect(join).toEqual([{ ruleId: 'r', teamId: 't', key: 'k1' }]);
    expect(leave).toEqual([member(2)]);
    expect(held).toEqual([]);
  });

  it('leaves memberships by hand alone, also of who is gone', () => {
    const { leave, disable } = plan({ known: [account(1)], memberships: [member(1, 't', null)] });
    expect(leave).toEqual([]);
    expect(disable).toEqual([{ id: 'u1', why: 'gone' }]);
  });

  it('disables nobody about whom the reading does not tell', () => {
    const { disable, leave } = plan({
      judged: new Set(['k2']),
      known: [account(1), account(2)],
      rules: [rule([], new Set(['k2']))],
      memberships: [member(1), member(2)],
    });
    expect(disable).toEqual([{ id: 'u2', why: 'gone' }]);
    expect(leave).toEqual([member(2)]);
  });

  it('lifts what the directory disabled, and never what a person disabled', () => {
    const { enable } = plan({
      seen: [person(1), person(2)],
      known: [account(1, 'by-directory'), account(2, 'by-hand')],
    });
    expect(enable).toEqual(['u1']);
  });

  it('lets nobody join who is out and about whom the reading does not tell', () => {
    const { join, enable } = plan({
      judged: new Set(),
      known: [account(1, 'by-directory')],
      rules: [rule([1])],
    });
    expect({ join, enable }).toEqual({ join: [], enable: [] });
  });

  it('makes accounts where they come by sync, not for the disabled, and lets them join at once', () => {
    const found = { seen: [person(1), person(2, { disabled: true })], rules: [rule([1, 2])] };
    expect(plan(found)).toMatchObject({ create: [], join: [] });
    expect(plan({ ...found, createAccounts: true })).toMatchObject({
      create: [person(1)],
      join: [{ key: 'k1' }],
    });
  });

  it('stops where it would disable all of several people', () => {
    const known = many(3).map((n) => account(n));
    expect(plan({ known }).held).toEqual([{ kind: 'disables-many', disabled: 3, of: 3 }]);
    expect(plan({ known: [account(1)] }).held).toEqual([]);
  });

  it('stops where it would empty a team of several, not where its one member leaves', () => {
    const two = { seen: [person(1), person(2)], known: [account(1), account(2)], rules: [rule([])] };
    expect(plan({ ...two, memberships: [member(1), member(2)] }).held).toEqual([
      { kind: 'empties-team', teamId: 't', members: 2 },
    ]);
    expect(plan({ ...two, memberships: [member(1)] }).held).toEqual([]);
    expect(plan({ ...two, memberships: [member(1), member(2), member(3, 't', null)] }).held).toEqual([]);
  });

  it('stops where a larger share would leave than is allowed, and goes on with a yes to just that much', () => {
    const known = many(20).map((n) => account(n));
    const before = snapshot({
      ...{ seen: known.map((_, n) => person(n)), known, rules: [rule(many(13))] },
      memberships: many(20).map((n) => member(n)),
    });
    const stopped = planDirectory(before, LIMITS);
    expect(stopped.held).toEqual([{ kind: 'leaves-many', left: 7, of: 20 }]);
    const allowance = allowanceOf(stopped);
    expect(planDirectory(before, LIMITS, allowance).held).toEqual([]);
    const more = { ...before, rules: [rule(many(12))] };
    expect(planDirectory(more, LIMITS, allowance).held).toHaveLength(1);
  });

  it('changes nothing more once it was carried out', () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: 8 }));
    fc.assert(
      fc.property(some, some, some, some, (entries, accounts, inGroup, inTeam) => {
        const before = snapshot({
          seen: entries.map((n) => person(n, { disabled: n % 4 === 3 })),
          known: accounts.map((n) => account(n)),
          rules: [rule(inGroup)],
          memberships: inTeam.filter((n) => accounts.includes(n)).map((n) => member(n)),
          createAccounts: true,
        });
        const first = planDirectory(before, LIMITS);
        const out = new Set(first.disable.map(({ id }) => id));
        const left = new Set(first.leave.map(({ id }) => id));
        const known = [
          ...before.known.map((each) => ({ ...each, disabled: out.has(each.id) ? 'by-directory' : 'no' })),
          ...first.create.map((each) => account(each.key.slice(1))),
        ] as KnownPerson[];
        const memberships = [
          ...before.memberships.filter(({ id }) => !left.has(id)),
          ...first.join.map(({ key }) => member(key.slice(1))),
        ];
        expect(planDirectory({ ...before, known, memberships }, LIMITS)).toEqual({
          ...{ create: [], change: [], disable: [], enable: [], join: [], leave: [], held: [] },
        });
      }),
    );
  });
});
