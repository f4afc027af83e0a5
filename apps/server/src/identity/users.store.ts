import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import { hashPassword, newOneTimePassword } from './secrets.ts';

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

/** Makes the first administrator where there is no user at all; the password that comes back works once. */
export const ensureFirstAdministrator = async (database: Database): Promise<string | undefined> => {
  if ((await database.prisma.user.count()) > 0) return undefined;
  const password = newOneTimePassword();
  const passwordHash = await hashPassword(password);
  const { count } = await database.prisma.user.createMany({
    data: {
      id: uuid(),
      name: FIRST_ADMINISTRATOR,
      displayName: 'Administrator',
      passwordHash,
      mustChange: true,
      administrator: true,
    },
    skipDuplicates: true,
  });
  return count === 1 ? password : undefined;
};

/** A new one-time password for an account; undefined when there is none of that name. */
export const resetPassword = async (tx: Tx, name: string): Promise<string | undefined> => {
  const password = newOneTimePassword();
  const passwordHash = await hashPassword(password);
  const { count } = await tx.user.updateMany({
    where: { name },
    data: { passwordHash, mustChange: true, disabledAt: null },
  });
  return count === 1 ? password : undefined;
};
