import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../platform/db/database.ts';
import { hashSecret, newSecret, newUserCode } from './secrets.ts';

export const DEVICE_GOOD_MS = 10 * 60_000;

/** Anybody may start one: those that ran out go with each start, so that they do not pile up. */
export const startDevice = async (database: Database, description: string, address: string, now: Date) => {
  await database.prisma.deviceCode.deleteMany({ where: { expiresAt: { lt: now } } });
  const deviceCode = newSecret();
  const row = await database.prisma.deviceCode.create({
    data: {
      id: uuid(),
      deviceHash: hashSecret(deviceCode),
      userCode: newUserCode(),
      description,
      address,
      expiresAt: new Date(now.getTime() + DEVICE_GOOD_MS),
    },
  });
  return { deviceCode, userCode: row.userCode };
};

/** The waiting request behind what a person typed. */
export const findWaiting = async (tx: Tx | Database['prisma'], userCode: string, now: Date) => {
  const row = await tx.deviceCode.findUnique({ where: { userCode: userCode.toUpperCase() } });
  if (row && row.state === 'waiting' && row.expiresAt > now) return row;
  throw new DomainError('not-found', 'There is no sign-in waiting with this code; it may have run out.', {
    hint: 'Start again at the command line.',
  });
};

/** Conditional on `waiting`: a code is decided once. */
export const decide = async (tx: Tx, id: string, userId: string, state: 'confirmed' | 'refused') => {
  const { count } = await tx.deviceCode.updateMany({
    where: { id, state: 'waiting' },
    data: { userId, state },
  });
  if (count !== 1) throw new DomainError('conflict.state', 'This code was already answered.');
};

export const findByDevice = async (database: Database, deviceCode: string, now: Date) => {
  const row = await database.prisma.deviceCode.findUnique({ where: { deviceHash: hashSecret(deviceCode) } });
  if (row && row.expiresAt > now) return row;
  throw new DomainError('not-found', 'This sign-in has run out.', { hint: 'Start again.' });
};

/** True for exactly one caller: the token is handed out once. */
export const takeConfirmed = async (tx: Tx, id: string): Promise<boolean> => {
  const { count } = await tx.deviceCode.updateMany({
    where: { id, state: 'confirmed' },
    data: { state: 'done' },
  });
  return count === 1;
};
