import type { Database } from '../platform/db/database.ts';
import { markHeard, markQuiet, vouch } from './connection.store.ts';
import type { Sessions } from './sessions.ts';

/**
 * Says for this server which nodes it hears: one row for all of them, and rows of nodes only where that changed.
 * Quiet is who was not heard for half the time after which it would be lost. After a pause in which others may have
 * taken this server for dead, every node is said anew; one that was lost meanwhile must come back as a returning one.
 */
export const createLeaseRenewal = (
  database: Database,
  sessions: Sessions,
  serverId: string,
  silenceMs: number,
): (() => Promise<void>) => {
  let vouchedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const began = performance.now();
    const paused = began - vouchedAt > silenceMs / 2 - 500;
    await vouch(database.prisma, serverId);
    const now = performance.now();
    const all = sessions.all();
    const quiet = all.filter((session) => !session.quiet && now - session.heardAt > silenceMs / 2);
    const heard = all.filter(
      (session) => (session.quiet || paused) && now - session.heardAt <= silenceMs / 2,
    );
    if (quiet.length > 0)
      await database.transaction((tx) =>
        markQuiet(
          tx,
          serverId,
          quiet.map(({ nodeId, heardAt }) => ({ nodeId, silentMs: Math.round(now - heardAt) })),
          silenceMs,
        ),
      );
    for (const session of quiet) session.quiet = true;
    if (heard.length > 0) {
      const ids = heard.map(({ nodeId }) => nodeId);
      const ours = new Set(await database.transaction((tx) => markHeard(tx, serverId, ids)));
      for (const session of heard) {
        session.quiet = false;
        if (!ours.has(session.nodeId))
          session.close('The node was given up meanwhile: it comes back as a new connection.');
      }
    }
    vouchedAt = began;
  };
};
