import type { Database, Tx } from '../platform/db/database.ts';

type Granted = { id: string; userId: string | null; teamId: string | null };

/** Tells pages and open connections of people whose grants are others now: of teams everybody is asked for again. */
export const announceGrants = async (
  database: Pick<Database, 'announce'>,
  tx: Tx,
  grants: readonly Granted[],
): Promise<void> => {
  if (grants.length === 0) return;
  const teams = [...new Set(grants.flatMap(({ teamId }) => teamId ?? []))];
  await database.announce(tx, 'grant', [
    ...new Set(grants.flatMap(({ id, userId }) => (userId === null ? [id] : [id, userId]))),
  ]);
  if (teams.length > 0) await database.announce(tx, 'team', teams);
};
