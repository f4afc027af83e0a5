import type { Tx } from '../platform/db/database.ts';

/** Ended tasks that stay with their exits: the last of each slot, and all of the last day. */
const TASKS_PER_SLOT = 20;

/** Forgets what is old enough, a piece at a time. */
export const forgetOldRows = async (db: Tx): Promise<void> => {
  await db.$executeRaw`
    DELETE FROM "Task" WHERE id IN (
      SELECT id FROM (SELECT id, "endedAt", row_number() OVER (PARTITION BY "serviceId", slot ORDER BY "createdAt" DESC) AS place
        FROM "Task" WHERE state IN ('complete', 'stopped', 'failed', 'rejected', 'lost')) AS ended
      WHERE place > ${TASKS_PER_SLOT} AND "endedAt" < now() - interval '1 day' LIMIT 5000)`;
  await db.$executeRaw`
    DELETE FROM "Event" WHERE id IN (
      SELECT id FROM "Event" WHERE at < now() - interval '90 days'
        OR (at < now() - interval '7 days' AND kind IN ('engine-call', 'engine-event', 'agent')) LIMIT 20000)`;
  await db.$executeRaw`
    DELETE FROM "AlertDelivery" d USING "Alert" a WHERE a.id = d."alertId" AND a."endedAt" < now() - interval '90 days'`;
  await db.$executeRaw`DELETE FROM "Alert" WHERE "endedAt" < now() - interval '90 days'`;
};
