import { endSessions } from '../identity/sessions.store.ts';
import { revokeTokensOfUser } from '../identity/tokens.store.ts';
import type { Database, Tx } from '../platform/db/database.ts';

/** Ends whatever speaks for an account: sessions and tokens, and by them open pages, logs and terminals. */
export const endAllOf = async (
  database: Pick<Database, 'announce'>,
  tx: Tx,
  userId: string,
  now: Date,
): Promise<{ sessions: number; tokens: number }> => {
  const sessions = await endSessions(tx, userId, {}, now);
  const tokens = await revokeTokensOfUser(tx, userId, now);
  await database.announce(tx, 'session', [userId]);
  if (tokens.length > 0) await database.announce(tx, 'token', tokens);
  return { sessions: sessions.length, tokens: tokens.length };
};
