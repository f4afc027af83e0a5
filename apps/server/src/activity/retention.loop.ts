import { releaseAddresses } from '../networks/addresses.store.ts';
import type { Database } from '../platform/db/database.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { dropOldPlans } from '../stacks/plans.store.ts';

/** Ended tasks that stay with their exits: the last of each slot, and all of the last day. */
const TASKS_PER_SLOT = 20;

/** Gives back addresses of ended tasks soon, so that a network does not fill up while it rolls. */
export const addressRelease = (database: Database): LoopOptions => ({
  name: 'address release',
  everyMs: 5_000,
  run: async () => {
    await releaseAddresses(database.prisma);
  },
});

/** Forgets what is old enough; in small pieces, so that nobody waits for it. */
export const retention = (database: Database): LoopOptions => ({
  name: 'retention',
  everyMs: 600_000,
  run: async (now) => {
    const { prisma } = database;
    await dropOldPlans(prisma, now);
    await prisma.$executeRaw`
      DELETE FROM "Task" WHERE id IN (
        SELECT id FROM (SELECT id, "endedAt", row_number() OVER (PARTITION BY "serviceId", slot ORDER BY "createdAt" DESC) AS place
          FROM "Task" WHERE state IN ('complete', 'stopped', 'failed', 'rejected', 'lost')) AS ended
        WHERE place > ${TASKS_PER_SLOT} AND "endedAt" < now() - interval '1 day' LIMIT 5000)`;
    await prisma.$executeRaw`
      DELETE FROM "Event" WHERE id IN (
        SELECT id FROM "Event" WHERE at < now() - interval '90 days'
          OR (at < now() - interval '7 days' AND kind IN ('engine-call', 'engine-event', 'agent')) LIMIT 20000)`;
    await prisma.$executeRaw`
      DELETE FROM "AlertDelivery" d USING "Alert" a WHERE a.id = d."alertId" AND a."endedAt" < now() - interval '90 days'`;
    await prisma.$executeRaw`DELETE FROM "Alert" WHERE "endedAt" < now() - interval '90 days'`;
  },
});
