import type { Tx } from '../platform/db/database.ts';

export type Use = { grantId: string; permission: string; usedOn: string };

/** Keeps on which day each permission was last used through each grant; grants that are gone are left out. */
export const keepUses = async (db: Tx, uses: readonly Use[]): Promise<void> => {
  await db.$executeRaw`
    INSERT INTO "GrantUse" ("grantId", permission, "usedOn")
    SELECT use.* FROM unnest(${uses.map(({ grantId }) => grantId)}::uuid[], ${uses.map(({ permission }) => permission)}::text[],
      ${uses.map(({ usedOn }) => usedOn)}::date[]) AS use(id, permission, day)
    WHERE EXISTS (SELECT 1 FROM "Grant" g WHERE g.id = use.id)
    ORDER BY use.id, use.permission
    ON CONFLICT ("grantId", permission) DO UPDATE SET "usedOn" = EXCLUDED."usedOn"
      WHERE "GrantUse"."usedOn" < EXCLUDED."usedOn"`;
};
