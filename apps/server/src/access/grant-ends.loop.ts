import { recordAudit } from '../audit/audit.store.ts';
import type { Database } from '../platform/db/database.ts';
import { systemContext } from '../platform/http/context.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { announceGrants } from './announce.ts';
import { endOverdue } from './grants.store.ts';

/** A terminal that is open through a grant closes within two seconds of its end. */
const EVERY_MS = 1_000;

/**
 * Ends grants whose time is over. Nobody may do anything through them from that moment on, whether or not this runs:
 * here it is written down, and what is open through them is told.
 */
export const grantEnds = (database: Database): LoopOptions => ({
  name: 'grant ends',
  everyMs: EVERY_MS,
  run: async (now) => {
    await database.transaction(async (tx) => {
      const ended = await endOverdue(tx, now);
      for (const grant of ended)
        await recordAudit(tx, systemContext('grants'), {
          action: 'grant.over',
          object: { kind: 'grant', id: grant.id, name: `${grant.roleName} for ${grant.name}` },
          projectPath: grant.path,
          detail: { role: grant.roleName, subject: grant.name, endsAt: grant.endsAt.toISOString() },
        });
      await announceGrants(database, tx, ended);
    });
  },
});
