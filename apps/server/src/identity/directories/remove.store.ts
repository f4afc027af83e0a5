import type { Database, Tx } from '../../platform/db/database.ts';
import { revokeTokensOfUsers } from '../tokens.store.ts';
import { suspend } from './people.store.ts';

/** Removes a directory with its teams' rules; its people are disabled and stay for the audit. Answers how many. */
export const removeDirectory = async (database: Database, tx: Tx, id: string, now: Date): Promise<number> => {
  await tx.directory.update({ where: { id }, data: { removedAt: now, enabled: false } });
  const rules = await tx.teamRule.findMany({ where: { directoryId: id }, select: { teamId: true } });
  await tx.teamRule.deleteMany({ where: { directoryId: id } });
  const people = await tx.user.findMany({ where: { directoryId: id }, select: { id: true } });
  const ids = people.map((person) => person.id);
  const out = await suspend(tx, { directoryId: id }, 'removed', now);
  await database.announce(tx, 'token', await revokeTokensOfUsers(tx, ids, now));
  await database.announce(
    tx,
    'team',
    rules.map(({ teamId }) => teamId),
  );
  for (const kind of ['session', 'user', 'grant'] as const) await database.announce(tx, kind, ids);
  return out.length;
};

/** Removes a rule, and with it the memberships that came by it. Answers whom that concerns. */
export const removeRule = async (tx: Tx, id: string): Promise<string[]> => {
  const rows = await tx.teamMember.findMany({ where: { ruleId: id }, select: { userId: true } });
  await tx.teamRule.delete({ where: { id } });
  return rows.map(({ userId }) => userId);
};
