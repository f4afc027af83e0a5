import type { DirectoryPlan, KnownPerson, SeenPerson, TeamMembership } from '@portreeve/planning';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../platform/db/database.ts';
import { Prisma } from '../../platform/db/generated/client.ts';
import { endSessionsOf } from '../sessions.store.ts';
import { revokeTokensOfUsers } from '../tokens.store.ts';

type Db = Tx | Database['prisma'];

/** Why an account is disabled that the directory may enable again. The page shows it as it is. */
export const DISABLED_WHY = {
  gone: 'The directory has no such account any more.',
  disabled: 'The directory has disabled this account.',
  silent: 'The directory has not answered for too long.',
  off: 'The directory is switched off.',
  removed: 'The directory was removed.',
} as const;
// Lists go to the database as one value each: a statement is given 32,767 parameters, and directories are larger.
const BY_DIRECTORY: readonly string[] = Object.values(DISABLED_WHY);

/** The name that an account has here: the directory's own, or with more to it where that one is taken. */
const namesFor = (username: string, directory: string, key: string): string[] => [
  username,
  `${username}@${directory}`,
  `${username}@${directory}-${key.slice(0, 8)}`,
];

type Of = { id: string; name: string };

/** Accounts of removed directories that belong to entries which were seen: a stable id is nobody else's. */
const leftBehind = async (db: Db, seen: readonly SeenPerson[]): Promise<string[]> => {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM "User" u JOIN "Directory" d ON d.id = u."directoryId" AND d."removedAt" IS NOT NULL
    WHERE u."directoryKey" = ANY(${seen.map(({ key }) => key)}::text[])`;
  return rows.map(({ id }) => id);
};

/**
 * The accounts of a directory; `seen` tells under which name the directory knows them where that one was taken here.
 * Whoever is seen and has an account of a directory that was removed is known by that one: it was set up again.
 */
export const knownPeople = async (
  db: Db,
  directory: Of,
  seen: readonly SeenPerson[],
  keys?: readonly string[],
): Promise<KnownPerson[]> => {
  const own = { directoryId: directory.id, ...(keys ? { directoryKey: { in: [...keys] } } : {}) };
  const rows = await db.user.findMany({
    where: { OR: [own, { id: { in: await leftBehind(db, seen) } }] },
    select: {
      ...{ id: true, name: true, displayName: true, email: true, directoryKey: true, directoryDn: true },
      ...{ disabledAt: true, disabledWhy: true },
    },
  });
  const entries = new Map(seen.map((person) => [person.key, person]));
  return rows.map((row) => {
    const key = row.directoryKey ?? '';
    const entry = entries.get(key);
    const isOwn = entry && namesFor(entry.username, directory.name, key).includes(row.name);
    return {
      ...{ id: row.id, key, dn: row.directoryDn, displayName: row.displayName, email: row.email },
      username: isOwn ? entry.username : row.name,
      disabled: !row.disabledAt ? 'no' : BY_DIRECTORY.includes(row.disabledWhy) ? 'by-directory' : 'by-hand',
    };
  });
};

/** All memberships of the teams that have rules of the directory, by hand and by other rules too. */
export const membershipsBeside = (db: Db, directoryId: string, userId?: string): Promise<TeamMembership[]> =>
  db.teamMember.findMany({
    where: { team: { rules: { some: { directoryId } } }, ...(userId ? { userId } : {}) },
    select: { id: true, teamId: true, userId: true, ruleId: true },
  });

/** Stable ids of those who have a session or a token that stands. */
export const activeKeys = async (db: Db, directoryId: string, now: Date): Promise<string[]> => {
  const rows = await db.$queryRaw<{ key: string }[]>`
    SELECT u."directoryKey" AS key FROM "User" u
    WHERE u."directoryId" = ${directoryId}::uuid AND u."disabledAt" IS NULL AND u."directoryKey" IS NOT NULL AND (
      EXISTS (SELECT 1 FROM "Session" s WHERE s."userId" = u.id AND s."endedAt" IS NULL AND s."expiresAt" > ${now})
      OR EXISTS (SELECT 1 FROM "Token" t WHERE t."userId" = u.id AND t."revokedAt" IS NULL
        AND (t."expiresAt" IS NULL OR t."expiresAt" > ${now})))`;
  return rows.map(({ key }) => key);
};

const freeNames = async (tx: Tx, people: readonly SeenPerson[], directory: Of): Promise<string[]> => {
  const wished = people.map((person) => namesFor(person.username, directory.name, person.key));
  const rows = await tx.$queryRaw<{ name: string }[]>`
    SELECT name FROM "User" WHERE name = ANY(${wished.flat()}::text[])`;
  const taken = new Set(rows.map(({ name }) => name));
  return wished.map((names) => {
    const free = names.find((name) => !taken.has(name)) ?? uuid();
    taken.add(free);
    return free;
  });
};

const createPeople = async (tx: Tx, people: readonly SeenPerson[], directory: Of, now: Date) => {
  if (people.length === 0) return;
  const names = await freeNames(tx, people, directory);
  await tx.user.createMany({
    data: people.map((person, n) => ({
      ...{ id: uuid(), name: names[n] ?? uuid(), displayName: person.displayName, email: person.email },
      ...{ directoryId: directory.id, directoryKey: person.key, directoryDn: person.dn, createdAt: now },
    })),
    // Whoever signed in meanwhile has their account already.
    skipDuplicates: true,
  });
};

const changePerson = async (tx: Tx, id: string, to: SeenPerson, directory: Of): Promise<void> => {
  const row = await tx.user.findUniqueOrThrow({ where: { id }, select: { name: true } });
  const isOwn = namesFor(to.username, directory.name, to.key).includes(row.name);
  const name = isOwn ? row.name : (await freeNames(tx, [to], directory))[0];
  const data = { displayName: to.displayName, email: to.email, directoryDn: to.dn };
  await tx.user.update({ where: { id }, data: { ...data, ...(name ? { name } : {}) } });
};

/** Disables accounts that are not disabled yet and ends their sessions. Answers whom it met. */
export const suspend = async (
  tx: Tx,
  which: { ids: string[] } | { directoryId: string },
  why: keyof typeof DISABLED_WHY,
  now: Date,
): Promise<string[]> => {
  const whom =
    'ids' in which
      ? Prisma.sql`id = ANY(${which.ids}::uuid[])`
      : Prisma.sql`"directoryId" = ${which.directoryId}::uuid`;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "User" SET "disabledAt" = ${now}, "disabledWhy" = ${DISABLED_WHY[why]}
    WHERE "disabledAt" IS NULL AND ${whom} RETURNING id`;
  const ids = rows.map(({ id }) => id);
  await endSessionsOf(tx, ids, now);
  return ids;
};

const userIdsByKey = async (tx: Tx, directoryId: string, keys: string[]): Promise<Map<string, string>> => {
  const rows = await tx.$queryRaw<{ id: string; directoryKey: string }[]>`
    SELECT id, "directoryKey" FROM "User"
    WHERE "directoryId" = ${directoryId}::uuid AND "directoryKey" = ANY(${keys}::text[])`;
  return new Map(rows.map(({ id, directoryKey }) => [directoryKey, id]));
};

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

/** Carries out what is not held, in the caller's transaction, and tells everybody whom it concerns. */
export const applyPlan = async (
  database: Database,
  tx: Tx,
  directory: Of,
  plan: DirectoryPlan,
  now: Date,
): Promise<void> => {
  await createPeople(tx, plan.create, directory, now);
  for (const { id, to } of plan.change) await changePerson(tx, id, to, directory);
  const out: string[] = [];
  for (const why of ['gone', 'disabled'] as const) {
    const ids = plan.disable.flatMap((each) => (each.why === why ? [each.id] : []));
    if (ids.length > 0) out.push(...(await suspend(tx, { ids }, why, now)));
  }
  const revoked = await revokeTokensOfUsers(tx, out, now);
  if (plan.enable.length > 0)
    await tx.$executeRaw`
      UPDATE "User" SET "disabledAt" = NULL, "disabledWhy" = '', "directoryId" = ${directory.id}::uuid
      WHERE id = ANY(${plan.enable}::uuid[]) AND "disabledWhy" = ANY(${[...BY_DIRECTORY]}::text[])`;
  const ids = await userIdsByKey(
    tx,
    directory.id,
    unique([...plan.join, ...plan.create].map(({ key }) => key)),
  );
  const joins = plan.join.flatMap(({ ruleId, teamId, key }) => {
    const userId = ids.get(key);
    return userId ? [{ id: uuid(), ruleId, teamId, userId, since: now }] : [];
  });
  if (joins.length > 0) await tx.teamMember.createMany({ data: joins, skipDuplicates: true });
  if (plan.leave.length > 0)
    await tx.$executeRaw`
      DELETE FROM "TeamMember" WHERE id = ANY(${plan.leave.map(({ id }) => id)}::uuid[])`;

  const moved = unique([...joins, ...plan.leave].map(({ userId }) => userId));
  const touched = unique([...ids.values(), ...plan.change.map(({ id }) => id), ...plan.enable, ...out]);
  await database.announce(tx, 'user', touched);
  await database.announce(tx, 'grant', unique([...moved, ...out]));
  await database.announce(tx, 'team', unique([...joins, ...plan.leave].map(({ teamId }) => teamId)));
  await database.announce(tx, 'session', out);
  await database.announce(tx, 'token', revoked);
};
