import { releaseAddresses } from '../networks/addresses.store.ts';
import type { Database } from '../platform/db/database.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { dropOldPlans } from '../stacks/plans.store.ts';
import { forgetOldRows } from './retention.store.ts';

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
    await dropOldPlans(database.prisma, now);
    await forgetOldRows(database.prisma);
  },
});
