import { Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Subject } from '../access/authorize.ts';
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
    tokenId: row.id,
    projectPath: row.projectPath,
    ...(row.permissions.length > 0 ? { permissions } : {}),
  };
};

export type TokenRow = Omit<Awaited<ReturnType<typeof createToken>>['row'], 'userId' | 'hash' | 'revokedAt'>;

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

/** When the token that asks ends; null for one without an end, and for a person. */
export const tokenEnd = async (db: Tx, id: string | undefined): Promise<Date | null> =>
  id === undefined ? null : (await db.token.findUniqueOrThrow({ where: { id } })).expiresAt;

/** False when there was none to revoke. */
export const revokeToken = async (tx: Tx, userId: string, id: string, now: Date): Promise<boolean> => {
  const { count } = await tx.token.updateMany({
    where: { id, userId, revokedAt: null },
    data: { revokedAt: now },
  });
  return count === 1;
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
  const rows = await tx.token.findMany({ where: standing(userId, now), select: { id: true } });
  const ids = rows.map(({ id }) => id);
  await tx.token.updateMany({ where: { id: { in: ids } }, data: { revokedAt: now } });
  return ids;
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
