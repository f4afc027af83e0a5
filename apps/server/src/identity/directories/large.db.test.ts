import type { DirectoryPlan } from '@portreeve/planning';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../platform/db/test-database.ts';
import { applyPlan, knownPeople, membershipsBeside } from './people.store.ts';

/** More than a statement is given parameters, even with one for each. */
const COUNT = 33_000;
const NOTHING: DirectoryPlan = {
  ...{ create: [], change: [], disable: [], enable: [], join: [], leave: [], held: [] },
};

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

test('a directory of 33,000 people joins a team, leaves it and is disabled in one sync each', async () => {
  const { database } = db;
  const { prisma } = database;
  const directory = { id: uuid(), name: 'Large' };
  const [teamId, ruleId] = [uuid(), uuid()];
  await prisma.directory.create({ data: { ...directory, configuration: {} } });
  await prisma.team.create({ data: { id: teamId, name: 'all' } });
  await prisma.teamRule.create({ data: { id: ruleId, teamId, directoryId: directory.id, wish: {} } });
  const apply = (plan: Partial<DirectoryPlan>) =>
    database.transaction((tx) => applyPlan(database, tx, directory, { ...NOTHING, ...plan }, new Date()), {
      timeoutMs: 60_000,
    });
  const seen = Array.from({ length: COUNT }, (_, n) => ({
    ...{
      key: `k${n}`,
      dn: `uid=p${n}`,
      username: `p${n}`,
      displayName: `P${n}`,
      email: null,
      disabled: false,
    },
  }));
  await apply({ create: seen, join: seen.map(({ key }) => ({ ruleId, teamId, key })) });
  const memberships = await membershipsBeside(prisma, directory.id);
  expect(memberships).toHaveLength(COUNT);
  const known = await knownPeople(prisma, directory, seen);
  const ids = known.map(({ id }) => id);
  await apply({ leave: memberships, disable: ids.map((id) => ({ id, why: 'gone' as const })) });
  expect(await prisma.teamMember.count()).toBe(0);
  expect(await prisma.user.count({ where: { disabledAt: null } })).toBe(0);
  await apply({ enable: ids });
  expect(await prisma.user.count({ where: { disabledAt: null } })).toBe(COUNT);
}, 120_000);
