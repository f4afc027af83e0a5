import { Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { readRights } from '../access/rights.store.ts';
import type { Subject } from '../access/subject.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import { hashSecret, newSecret } from './secrets.ts';

const PREFIX = 'prt_';
const USED_EVERY_MS = 60_000;

export type NewToken = {
  userId: string;
  name: string;
  permissions: readonly Permission[];
  projectPath: string;
  expiresAt: Date | null;
  /** The token that makes it, when a token does. */
  madeBy?: string | undefined;
};

/** Makes a token; the secret is returned here and nowhere else, only its hash is kept. */
export const createToken = async (tx: Tx, token: NewToken) => {
  const secret = newSecret(PREFIX);
  const row = await tx.token.create({
    data: { ...token, permissions: [...token.permissions], id: uuid(), hash: hashSecret(secret) },
  });
  return { secret, row };
};

/** Who a bearer token speaks for, narrowed to what the token was made for. */
export const findToken = async (
  database: Database,
  secret: string,
  now: Date,
): Promise<Subject | undefined> => {
  if (!secret.startsWith(PREFIX)) return undefined;
  const row = await database.prisma.token.findUnique({
    where: { hash: hashSecret(secret) },
    include: { user: true },
  });
  if (!row || row.revokedAt || row.user.disabledAt || (row.expiresAt && row.expiresAt <= now))
    return undefined;
  if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > USED_EVERY_MS)
    await database.prisma.token.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
  // A permission that this version no longer knows narrows the token, it never widens it.
  const permissions = row.permissions.flatMap((name) => Permission.safeParse(name).data ?? []);
  return {
    kind: 'token',
    userId: row.userId,
    name: `${row.user.name}/${row.name}`,
    administrator: row.user.administrator,
    ...(row.user.administrator ? {} : await readRights(database.prisma, row.userId)),
    tokenId: row.id,
    projectPath: row.projectPath,
    ...(row.permissions.length > 0 ? { permissions } : {}),
  };
};

export type TokenRow = Omit<
  Awaited<ReturnType<typeof createToken>>['row'],
  'userId' | 'hash' | 'madeBy' | 'revokedAt'
>;

/** A page of the user's tokens, newest first unless asked otherwise. */
export const pageOfTokens = (database: Database, userId: string, query: PageQuery) =>
  pageOfRows<TokenRow>(
    database.prisma,
    {
      rows: Prisma.sql`SELECT id, name, coalesce(permissions, ARRAY[]::text[]) AS permissions, "projectPath", "createdAt", "expiresAt", "lastUsedAt" FROM "Token"
        WHERE "userId" = ${userId}::uuid AND "revokedAt" IS NULL`,
      search: ['name', 'projectPath'],
      sorts: {
        createdAt: ['createdAt', 'timestamptz'],
        name: ['name', 'text'],
        project: ['projectPath', 'text'],
      },
      usual: ['createdAt', 'desc'],
    },
    query,
  );

/**
 * When the token that asks ends; null for one without an end, and for a person. It cannot be revoked before this
 * transaction ends; undefined when it was.
 */
export const tokenEnd = async (tx: Tx, id: string | undefined): Promise<Date | null | undefined> => {
  if (id === undefined) return null;
  const [row] = await tx.$queryRaw<{ expiresAt: Date | null }[]>`
    SELECT "expiresAt" FROM "Token" WHERE id = ${id}::uuid AND "revokedAt" IS NULL FOR SHARE`;
  return row?.expiresAt;
};

/** Those still open among the tokens that these made, and those that they made. */
const revokeMadeBy = async (tx: Tx, id: string, now: Date): Promise<string[]> => {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE line AS (
      SELECT id FROM "Token" WHERE "madeBy" = ${id}::uuid
      UNION SELECT t.id FROM "Token" t JOIN line ON t."madeBy" = line.id)
    UPDATE "Token" SET "revokedAt" = ${now} WHERE id IN (SELECT id FROM line) AND "revokedAt" IS NULL
    RETURNING id`;
  return rows.map((row) => row.id);
};

/** Ends a token and all that came of it. Answers their ids, none when there was nothing to revoke. */
export const revokeToken = async (tx: Tx, userId: string, id: string, now: Date): Promise<string[]> => {
  const { count } = await tx.token.updateMany({
    where: { id, userId, revokedAt: null },
    data: { revokedAt: now },
  });
  if (count === 0) return [];
  const ended = [id];
  // One that was being made meanwhile held its maker's row, and is seen the next time.
  for (;;) {
    const more = await revokeMadeBy(tx, id, now);
    if (more.length === 0) return ended;
    ended.push(...more);
  }
};

/** Ends the tokens that are narrowed to a project that goes: the next one of its name is another's. Answers their ids. */
export const revokeTokensOf = async (tx: Tx, projectPath: string, now: Date): Promise<string[]> => {
  const where = {
    revokedAt: null,
    OR: [{ projectPath }, { projectPath: { startsWith: `${projectPath}/` } }],
  };
  const rows = await tx.token.findMany({ where, select: { id: true } });
  const ids = rows.map(({ id }) => id);
  await tx.token.updateMany({ where: { id: { in: ids } }, data: { revokedAt: now } });
  return ids;
};

const standing = (userId: string, now: Date) => ({
  ...{ userId, revokedAt: null },
  OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
});

/** How many tokens speak for an account. */
export const countTokensOfUser = (tx: Tx, userId: string, now: Date): Promise<number> =>
  tx.token.count({ where: standing(userId, now) });

/** Ends all tokens of an account. Answers their ids. */
export const revokeTokensOfUser = async (tx: Tx, userId: string, now: Date): Promise<string[]> => {
  const rows = await tx.token.updateManyAndReturn({
    where: standing(userId, now),
    data: { revokedAt: now },
    select: { id: true },
  });
  return rows.map(({ id }) => id);
};

/** Ends all tokens of many accounts at once. Answers the tokens' ids. */
export const revokeTokensOfUsers = async (
  tx: Tx,
  userIds: readonly string[],
  now: Date,
): Promise<string[]> => {
  if (userIds.length === 0) return [];
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Token" SET "revokedAt" = ${now}
    WHERE "userId" = ANY(${[...userIds]}::uuid[]) AND "revokedAt" IS NULL RETURNING id`;
  return rows.map(({ id }) => id);
};

export const tokenStands = async (database: Database, id: string, now: Date): Promise<boolean> =>
  (await database.prisma.token.count({
    where: {
      id,
      revokedAt: null,
      OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
      user: { disabledAt: null },
    },
  })) === 1;
