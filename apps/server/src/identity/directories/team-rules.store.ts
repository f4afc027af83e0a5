import { DomainError } from '@portreeve/domain';
import type { Database, Tx } from '../../platform/db/database.ts';
import { Prisma } from '../../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../../platform/db/page-of-rows.ts';

type Db = Tx | Database['prisma'];
export type RuleListRow = {
  id: string;
  teamId: string;
  directoryId: string;
  directory: string;
  wish: unknown;
  members: number;
  createdAt: Date;
};

const ruleRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT r.id, r."teamId", r."directoryId", d.name AS directory, r.wish, r."createdAt",
    (SELECT count(*)::int FROM "TeamMember" m WHERE m."ruleId" = r.id) AS members
  FROM "TeamRule" r JOIN "Directory" d ON d.id = r."directoryId" WHERE ${where}`;

/** Throws `not-found`. */
export const getTeam = async (db: Db, id: string): Promise<{ id: string; name: string }> => {
  const row = await db.team.findFirst({ where: { id, removedAt: null }, select: { id: true, name: true } });
  if (row) return row;
  throw new DomainError('not-found', 'There is no such team.');
};

export const pageOfRules = (database: Database, teamId: string, query: PageQuery) =>
  pageOfRows<RuleListRow>(
    database.prisma,
    {
      rows: ruleRows(Prisma.sql`r."teamId" = ${teamId}::uuid`),
      search: ['directory'],
      sorts: { createdAt: ['createdAt', 'timestamptz'], directory: ['directory', 'text'] },
      usual: ['createdAt', 'asc'],
    },
    query,
  );

/** Throws `not-found`. */
export const getRule = async (db: Db, teamId: string, id: string): Promise<RuleListRow> => {
  const [row] = await db.$queryRaw<RuleListRow[]>(
    ruleRows(Prisma.sql`r.id = ${id}::uuid AND r."teamId" = ${teamId}::uuid`),
  );
  if (row) return row;
  throw new DomainError('not-found', 'The team has no such rule.');
};

export const createRule = async (tx: Tx, data: Prisma.TeamRuleUncheckedCreateInput): Promise<void> => {
  await tx.teamRule.create({ data });
};
