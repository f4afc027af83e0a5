import { DomainError } from '@portreeve/domain';
import { STANDING } from '../access/roles.store.ts';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';

export type AccountRow = {
  id: string;
  kind: 'person' | 'service';
  name: string;
  displayName: string;
  email: string | null;
  directoryId: string | null;
  directoryName: string | null;
  directoryDn: string;
  administrator: boolean;
  disabledAt: Date | null;
  disabledWhy: string;
  mustChange: boolean;
  twoFactor: boolean;
  projectId: string | null;
  projectPath: string | null;
  lastSignInAt: Date | null;
  createdAt: Date;
  version: number;
};
/** What is counted for the rows of one page alone: it would cost too much for all. */
export type AccountCounts = {
  teams: number;
  grants: number;
  sessions: number;
  tokens: number;
  lastUsedAt: Date | null;
};
export type CountedAccount = AccountRow & AccountCounts;

const accountRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT u.id, u.kind, u.name, u."displayName", u.email, u."directoryId", d.name AS "directoryName", u."directoryDn",
    u.administrator, u."disabledAt", u."disabledWhy", u."mustChange", u."totpSince" IS NOT NULL AS "twoFactor",
    u."projectId", p.path AS "projectPath", u."lastSignInAt", u."createdAt", u.version,
    coalesce(u.email, '') AS "emailKey", coalesce(u."lastSignInAt", 'epoch') AS "signInKey", coalesce(p.path, '') AS "projectKey"
  FROM "User" u
  LEFT JOIN "Directory" d ON d.id = u."directoryId"
  LEFT JOIN "Project" p ON p.id = u."projectId" AND p."removedAt" IS NULL
  WHERE ${where}`;

const withCounts = async (db: Tx, rows: readonly AccountRow[]): Promise<CountedAccount[]> => {
  const counts = await db.$queryRaw<(AccountCounts & { id: string })[]>`
    SELECT u.id,
      (SELECT count(DISTINCT m."teamId")::int FROM "TeamMember" m JOIN "Team" t ON t.id = m."teamId"
        WHERE m."userId" = u.id AND t."removedAt" IS NULL) AS teams,
      (SELECT count(*)::int FROM "Grant" g JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
        WHERE g."userId" = u.id AND ${STANDING}) AS grants,
      (SELECT count(*)::int FROM "Session" s WHERE s."userId" = u.id AND s."endedAt" IS NULL AND s."expiresAt" > now()) AS sessions,
      (SELECT count(*)::int FROM "Token" k WHERE k."userId" = u.id AND k."revokedAt" IS NULL
        AND (k."expiresAt" IS NULL OR k."expiresAt" > now())) AS tokens,
      (SELECT max(k."lastUsedAt") FROM "Token" k WHERE k."userId" = u.id) AS "lastUsedAt"
    FROM unnest(${rows.map(({ id }) => id)}::uuid[]) AS u(id)`;
  const byId = new Map(counts.map(({ id, ...rest }) => [id, rest]));
  const none = { teams: 0, grants: 0, sessions: 0, tokens: 0, lastUsedAt: null };
  return rows.map((row) => ({ ...row, ...(byId.get(row.id) ?? none) }));
};

export type PeopleFilter = {
  state?: 'enabled' | 'disabled' | undefined;
  from?: string | undefined;
  team?: string | undefined;
};

const peopleWhere = ({ state, from, team }: PeopleFilter): Prisma.Sql => {
  const disabled = state === 'disabled' ? Prisma.sql`NOT NULL` : Prisma.sql`NULL`;
  const parts = [Prisma.sql`u.kind = 'person'`];
  if (state !== undefined) parts.push(Prisma.sql`u."disabledAt" IS ${disabled}`);
  if (from === 'local') parts.push(Prisma.sql`u."directoryId" IS NULL`);
  else if (from !== undefined) parts.push(Prisma.sql`u."directoryId" = ${from}::uuid`);
  if (team !== undefined)
    parts.push(Prisma.sql`u.id IN (SELECT "userId" FROM "TeamMember" WHERE "teamId" = ${team}::uuid)`);
  return Prisma.join(parts, ' AND ');
};

export const pageOfPeople = async (db: Tx, filter: PeopleFilter, query: PageQuery) => {
  const page = await pageOfRows<AccountRow>(
    db,
    {
      rows: accountRows(peopleWhere(filter)),
      search: ['name', 'displayName', 'emailKey'],
      sorts: {
        name: ['name', 'text'],
        displayName: ['displayName', 'text'],
        lastSignInAt: ['signInKey', 'timestamptz'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['name', 'asc'],
    },
    query,
  );
  return { ...page, items: await withCounts(db, page.items) };
};

export const pageOfServiceAccounts = async (db: Tx, projectIds: readonly string[], query: PageQuery) => {
  const page = await pageOfRows<AccountRow>(
    db,
    {
      rows: accountRows(Prisma.sql`u.kind = 'service' AND u."projectId" = ANY(${[...projectIds]}::uuid[])`),
      search: ['name', 'displayName', 'projectKey'],
      sorts: {
        name: ['name', 'text'],
        project: ['projectKey', 'text'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['name', 'asc'],
    },
    query,
  );
  return { ...page, items: await withCounts(db, page.items) };
};

/** An account of that kind. Throws `not-found`. */
export const getAccount = async (db: Tx, id: string, kind: AccountRow['kind']): Promise<CountedAccount> => {
  const rows = await db.$queryRaw<AccountRow[]>(
    accountRows(Prisma.sql`u.id = ${id}::uuid AND u.kind = ${kind}`),
  );
  const [row] = await withCounts(db, rows);
  if (row) return row;
  throw new DomainError(
    'not-found',
    kind === 'person' ? 'There is no such account.' : 'There is no such service account.',
  );
};

export const createAccount = async (tx: Tx, data: Prisma.UserUncheckedCreateInput): Promise<void> => {
  await tx.user.create({ data });
};

/** Changes an account that still is at `version`; false when it is not. */
export const changeAccount = async (
  tx: Tx,
  id: string,
  version: number,
  data: { displayName?: string | undefined; email?: string | null | undefined },
): Promise<boolean> => {
  const { count } = await tx.user.updateMany({
    where: { id, version },
    data: { ...data, version: { increment: 1 } },
  });
  return count > 0;
};

/** Disables an account that was enabled; false when it was not. */
export const disableAccount = async (tx: Tx, id: string, why: string, now: Date): Promise<boolean> => {
  const { count } = await tx.user.updateMany({
    where: { id, disabledAt: null },
    data: { disabledAt: now, disabledWhy: why, version: { increment: 1 } },
  });
  return count > 0;
};

export const enableAccount = async (tx: Tx, id: string): Promise<boolean> => {
  const { count } = await tx.user.updateMany({
    where: { id, disabledAt: { not: null } },
    data: { disabledAt: null, disabledWhy: '', version: { increment: 1 } },
  });
  return count > 0;
};

export const setOneTimePassword = async (tx: Tx, id: string, passwordHash: string): Promise<void> => {
  await tx.user.update({
    where: { id },
    data: { passwordHash, mustChange: true, version: { increment: 1 } },
  });
};

/** Recovery administrators who can sign in, each held until the transaction ends: two of them never disable each other at once. */
export const lockAdministrators = (tx: Tx): Promise<{ id: string }[]> =>
  tx.$queryRaw`SELECT id FROM "User" WHERE administrator AND "disabledAt" IS NULL ORDER BY id FOR UPDATE`;

export type MembershipRow = {
  teamId: string;
  teamName: string;
  userId: string;
  ruleId: string | null;
  directoryName: string | null;
  since: Date;
};

/** Every membership of an account, one row for each source. */
export const membershipsOf = (db: Tx, userId: string): Promise<MembershipRow[]> => db.$queryRaw`
  SELECT m."teamId", t.name AS "teamName", m."userId", m."ruleId", d.name AS "directoryName", m.since
  FROM "TeamMember" m JOIN "Team" t ON t.id = m."teamId" AND t."removedAt" IS NULL
  LEFT JOIN "TeamRule" r ON r.id = m."ruleId" LEFT JOIN "Directory" d ON d.id = r."directoryId"
  WHERE m."userId" = ${userId}::uuid ORDER BY t.name COLLATE "C", m.since`;

/** Disables the service accounts of a project that goes. Answers their ids. */
export const disableServiceAccountsOf = async (tx: Tx, projectId: string, now: Date): Promise<string[]> => {
  const rows = await tx.user.updateManyAndReturn({
    where: { projectId, kind: 'service', disabledAt: null },
    data: { disabledAt: now, disabledWhy: 'Its project was removed.', version: { increment: 1 } },
    select: { id: true },
  });
  return rows.map(({ id }) => id);
};
