import type { Database } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { planDeliveries, reconcileAlerts } from './alerts.store.ts';
import { targetOf } from './channels.store.ts';
import {
  clusterName,
  deliveryContent,
  dropDelivery,
  dueDeliveries,
  storeDelivery,
} from './deliveries.store.ts';
import { deriveAlerts } from './derive.store.ts';
import { sendNotice } from './send.ts';

const EVERY_MS = 3_000;
/** About a day of them: whoever is on call may need the night to mend the mail server. */
export const MOST_TRIES = 32;

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
export const nextTryMs = (tries: number): number => Math.min(3_600_000, 10_000 * 2 ** tries);

/** Sends what is due. A delivery may be sent twice when the server dies between sending and storing; never none. */
export const alertDelivery = (database: Database, keys: ClusterKeys): LoopOptions => ({
  name: 'alert deliveries',
  everyMs: EVERY_MS,
  run: async (now) => {
    const { prisma } = database;
    const due = await dueDeliveries(prisma, now, MOST_TRIES);
    if (due.length === 0) return;
    const cluster = await clusterName(prisma);
    await Promise.all(
      due.map(async ({ id, alertId, channelId, kind, tries }) => {
        const told = await deliveryContent(prisma, alertId, channelId);
        if (!told) return dropDelivery(prisma, id);
        const { alert, channel } = told;
        const { severity, message, hint, since } = alert;
        const event = kind === 'ended' ? 'ended' : 'opened';
        const shown = { id: alert.id, kind: alert.kind, severity, message, hint, since: since.toISOString() };
        try {
          await sendNotice(targetOf(channel, keys), { cluster, event, alert: shown });
          return storeDelivery(prisma, id, { sentAt: new Date(), lastError: '' });
        } catch (error) {
          const lastError = (error instanceof Error ? error.message : String(error)).slice(0, 500);
          const nextTryAt = new Date(Date.now() + nextTryMs(tries));
          return storeDelivery(prisma, id, { tries: tries + 1, nextTryAt, lastError });
        }
      }),
    );
  },
});
