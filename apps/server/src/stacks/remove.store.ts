import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { removeStackObjects } from '../rollouts/finish-removals.store.ts';

/** A stack with its project. Throws `not-found`. */
export const getStack = async (db: Tx, id: string) => {
  const stack = await db.stack.findFirst({ where: { id, removedAt: null }, include: { project: true } });
  if (stack) return stack;
  throw new DomainError('not-found', 'There is no such stack.');
};

/** Another stack may use a network or volume of this one as external: it would lose it. */
export const requireUnshared = async (tx: Tx, stackId: string): Promise<void> => {
  const [other] = await tx.$queryRaw<{ name: string }[]>`
    SELECT k.name FROM "Service" s JOIN "Stack" k ON k.id = s."stackId"
    JOIN "Revision" r ON r."serviceId" = s.id AND (r.id = s."currentRevisionId" OR r.id IN (
      SELECT o."toRevisionId" FROM "Rollout" o
      WHERE o."serviceId" = s.id AND o.state IN ('running', 'paused', 'rolling back'))),
      jsonb_array_elements(r."filePins") AS used
    WHERE s."removedAt" IS NULL AND s."stackId" <> ${stackId}::uuid AND s.desired <> 'removed'
      AND used->>'objectId' IN (SELECT id::text FROM "Network" WHERE "stackId" = ${stackId}::uuid
        UNION SELECT id::text FROM "Volume" WHERE "stackId" = ${stackId}::uuid)
    LIMIT 1`;
  if (!other) return;
  throw new DomainError('in-use', `The stack ${other.name} uses a network or volume of this one.`, {
    hint: `Remove ${other.name} first, or take the external object out of its file.`,
  });
};

/**
 * Tells every service of a stack to go, and its volumes where they are to go too; a stack without services is gone at
 * once. Answers the ids of the services that still have to stop.
 */
export const beginRemoval = async (
  tx: Tx,
  id: string,
  withVolumes: boolean,
  by: string,
  now: Date,
): Promise<string[]> => {
  const claimed = await tx.stack.updateMany({
    where: { id, removedAt: null },
    data: { state: 'removing', version: { increment: 1 }, updatedAt: now },
  });
  if (claimed.count === 0) throw new DomainError('not-found', 'There is no such stack.');
  const left = { stackId: id, removedAt: null };
  const { count } = await tx.service.updateMany({
    where: left,
    data: { desired: 'removed', version: { increment: 1 }, changedAt: now, changedBy: by },
  });
  if (withVolumes) await tx.volume.updateMany({ where: left, data: { removedAt: now } });
  if (count === 0) {
    await tx.stack.update({ where: { id }, data: { state: 'removed', removedAt: now } });
    await removeStackObjects(tx, [id], now);
  }
  return (await tx.service.findMany({ where: left, select: { id: true } })).map((service) => service.id);
};
