import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';

/** Deliveries whose time has come, the longest waiting first. */
export const dueDeliveries = (db: Tx, now: Date, mostTries: number) =>
  db.alertDelivery.findMany({
    where: { sentAt: null, nextTryAt: { lte: now }, tries: { lt: mostTries } },
    orderBy: { nextTryAt: 'asc' },
    take: 20,
  });

export const clusterName = async (db: Tx): Promise<string> =>
  (await db.cluster.findFirstOrThrow({ select: { name: true } })).name;

/** What is to be told, and where; undefined when one of the two is gone. */
export const deliveryContent = async (db: Tx, alertId: string, channelId: string) => {
  const alert = await db.alert.findUnique({ where: { id: alertId } });
  const channel = await db.alertChannel.findFirst({ where: { id: channelId, removedAt: null } });
  return alert && channel ? { alert, channel } : undefined;
};

export const dropDelivery = async (db: Tx, id: string): Promise<void> => {
  await db.alertDelivery.deleteMany({ where: { id } });
};

export const storeDelivery = async (
  db: Tx,
  id: string,
  data: Prisma.AlertDeliveryUpdateManyMutationInput,
): Promise<void> => {
  await db.alertDelivery.updateMany({ where: { id }, data });
};
