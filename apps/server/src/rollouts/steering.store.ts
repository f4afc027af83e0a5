import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';

/** Throws `not-found`. */
export const getRollout = async (db: Tx, id: string) => {
  const rollout = await db.rollout.findUnique({ where: { id } });
  if (rollout) return rollout;
  throw new DomainError('not-found', 'There is no such rollout.');
};

/** Changes a rollout if it still is in the state that was seen; false when it is not. */
export const turnRollout = async (
  tx: Tx,
  id: string,
  seenState: string,
  data: Prisma.RolloutUpdateManyMutationInput,
): Promise<boolean> => {
  const { count } = await tx.rollout.updateMany({ where: { id, state: seenState }, data });
  return count > 0;
};

/** Whether nothing of a service was ever started; its row is locked, so that nothing is before the transaction ends. */
export const isUntouched = async (tx: Tx, serviceId: string): Promise<boolean> => {
  await tx.$queryRaw`SELECT id FROM "Service" WHERE id = ${serviceId}::uuid FOR UPDATE`;
  return (await tx.task.count({ where: { serviceId } })) === 0;
};

/** Adds a line to the story of a rollout. */
export const tellStory = async (
  tx: Tx,
  rolloutId: string,
  kind: string,
  text: string,
  at: Date,
): Promise<void> => {
  await tx.rolloutEvent.create({ data: { id: uuid(), rolloutId, at, kind, text } });
};
