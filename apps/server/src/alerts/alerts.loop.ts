import type { Database } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { planDeliveries, reconcileAlerts } from './alerts.store.ts';
import { targetOf } from './channels.store.ts';
import { deriveAlerts } from './derive.store.ts';
import { sendNotice } from './send.ts';

const EVERY_MS = 3_000;
const MOST_TRIES = 12;

/** Derives what needs a person, and who is still to be told. */
export const alertDeriving = (database: Database): LoopOptions => ({
  name: 'alerts',
  everyMs: EVERY_MS,
  run: async (now) => {
    const derived = await deriveAlerts(database.prisma);
    await database.transaction((tx) => reconcileAlerts(tx, derived, now));
    await planDeliveries(database);
  },
});

/** Waits of a delivery that failed: 10 s, doubling, at most an hour. */
const nextTryMs = (tries: number): number => Math.min(3_600_000, 10_000 * 2 ** tries);

/** Sends what is due. A delivery may be sent twice when the server dies between sending and storing; never none. */
export const alertDelivery = (database: Database, keys: ClusterKeys): LoopOptions => ({
  name: 'alert deliveries',
  everyMs: EVERY_MS,
  run: async (now) => {
    const { prisma } = database;
    const due = await prisma.alertDelivery.findMany({
      where: { sentAt: null, nextTryAt: { lte: now }, tries: { lt: MOST_TRIES } },
      orderBy: { nextTryAt: 'asc' },
      take: 20,
    });
    if (due.length === 0) return;
    const { name: cluster } = await prisma.cluster.findFirstOrThrow({ select: { name: true } });
    await Promise.all(
      due.map(async ({ id, alertId, channelId, kind, tries }) => {
        const [alert, channel] = await Promise.all([
          prisma.alert.findUnique({ where: { id: alertId } }),
          prisma.alertChannel.findFirst({ where: { id: channelId, removedAt: null } }),
        ]);
        if (!alert || !channel) return prisma.alertDelivery.delete({ where: { id } });
        const { severity, message, hint, since } = alert;
        const event = kind === 'ended' ? 'ended' : 'opened';
        const shown = { id: alert.id, kind: alert.kind, severity, message, hint, since: since.toISOString() };
        try {
          await sendNotice(targetOf(channel, keys), { cluster, event, alert: shown });
          return prisma.alertDelivery.update({ where: { id }, data: { sentAt: new Date(), lastError: '' } });
        } catch (error) {
          const lastError = (error instanceof Error ? error.message : String(error)).slice(0, 500);
          const nextTryAt = new Date(Date.now() + nextTryMs(tries));
          return prisma.alertDelivery.update({
            where: { id },
            data: { tries: tries + 1, nextTryAt, lastError },
          });
        }
      }),
    );
  },
});
