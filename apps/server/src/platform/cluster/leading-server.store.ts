import type { Tx } from '../db/database.ts';
import { LEADER_CONNECTION, LEADER_LOCK } from '../leader.ts';

/** The id of the server that leads now: its connection holds the lock and says whose it is. */
export const leadingServer = async (db: Tx): Promise<string | undefined> => {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = ${LEADER_LOCK}::int::oid
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  return rows[0]?.name.slice(LEADER_CONNECTION.length);
};
