import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import { hashPassword, markUsed, newOneTimePassword } from './secrets.ts';

const FIRST_ADMINISTRATOR = 'admin';

export const findUser = (database: Database, name: string) =>
  database.prisma.user.findUnique({ where: { name } });
export const getUser = (tx: Tx | Database['prisma'], id: string) =>
  tx.user.findUniqueOrThrow({ where: { id } });

/** The account in whose name the machine itself acts. */
export const firstAdministrator = (database: Database) =>
  database.prisma.user.findFirstOrThrow({
    where: { administrator: true, disabledAt: null },
    orderBy: { createdAt: 'asc' },
  });

export const changeUser = (tx: Tx, id: string, data: Prisma.UserUpdateInput) =>
  tx.user.update({ where: { id }, data });

/** True for exactly one caller: of two who know a one-time password at the same moment, one is signed in. */
export const spendOneTimePassword = async (
  tx: Tx,
  { id, passwordHash }: { id: string; passwordHash: string | null },
): Promise<boolean> => {
  if (passwordHash === null) return false;
  const { count } = await tx.user.updateMany({
    where: { id, passwordHash },
    data: { passwordHash: markUsed(passwordHash) },
  });
  return count === 1;
};

/** Any number, the same in every version: two servers that start on an empty database make one account. */
const FIRST_ADMINISTRATOR_LOCK = 7_400_003;

/**
 * Makes the first administrator where there is no user at all, with a password that works once. It is handed over
 * before it is kept: one that nobody saw, because that failed or the server died, opens nothing, and the next start
 * makes another.
 */
export const ensureFirstAdministrator = async (
  database: Database,
  handOver: (password: string) => Promise<void> | void,
): Promise<void> => {
  if ((await database.prisma.user.count()) > 0) return;
  const password = newOneTimePassword();
  const passwordHash = await hashPassword(password);
  await database.transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_ADMINISTRATOR_LOCK})`;
    if ((await tx.user.count()) > 0) return;
    await handOver(password);
    await tx.user.create({
      data: {
        id: uuid(),
        name: FIRST_ADMINISTRATOR,
        displayName: 'Administrator',
        passwordHash,
        mustChange: true,
        administrator: true,
      },
    });
  });
};

/** A local administrator with a one-time password. Throws `conflict.name` where the name is taken. */
export const createAdministrator = async (
  tx: Tx,
  name: string,
): Promise<{ id: string; password: string }> => {
  if (await tx.user.findUnique({ where: { name } }))
    throw new DomainError('conflict.name', `There is an account "${name}" already.`, {
      hint: 'Give another name, or a new password by reset-password.',
    });
  const [id, password] = [uuid(), newOneTimePassword()];
  const passwordHash = await hashPassword(password);
  await tx.user.create({
    data: { id, name, displayName: name, passwordHash, mustChange: true, administrator: true },
  });
  return { id, password };
};

/**
 * A new one-time password for an account, which is asked for no codes until it sets up new ones; undefined when there is
 * none of that name.
 */
export const resetPassword = async (tx: Tx, name: string): Promise<string | undefined> => {
  const password = newOneTimePassword();
  const passwordHash = await hashPassword(password);
  const { count } = await tx.user.updateMany({
    where: { name },
    data: {
      ...{ passwordHash, mustChange: true, disabledAt: null, disabledWhy: '' },
      ...{ sealedTotp: null, totpSince: null, totpStep: null, recoveryHashes: [] },
    },
  });
  return count === 1 ? password : undefined;
};
