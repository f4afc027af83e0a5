import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { STANDING } from '../access/roles.store.ts';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';

export type TeamRow = {
  id: string;
  name: string;
  description: string;
  members: number;
  rules: number;
  grants: number;
  createdAt: Date;
  version: number;
};

const teamRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT t.id, t.name, t.description, t."createdAt", t.version,
    (SELECT count(DISTINCT m."userId")::int FROM "TeamMember" m WHERE m."teamId" = t.id) AS members,
    (SELECT count(*)::int FROM "TeamRule" r WHERE r."teamId" = t.id) AS rules,
    (SELECT count(*)::int FROM "Grant" g JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
      WHERE g."teamId" = t.id AND ${STANDING}) AS grants
  FROM "Team" t WHERE t."removedAt" IS NULL AND ${where}`;

export const pageOfTeams = (db: Tx, query: PageQuery) =>
  pageOfRows<TeamRow>(
    db,
    {
      rows: teamRows(Prisma.sql`true`),
      search: ['name', 'description'],
      sorts: {
        name: ['name', 'text'],
        members: ['members', 'int'],
        grants: ['grants', 'int'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['name', 'asc'],
    },
    query,
  );

/** A team. Throws `not-found`. */
export const getTeam = async (db: Tx, id: string): Promise<TeamRow> => {
  const [row] = await db.$queryRaw<TeamRow[]>(teamRows(Prisma.sql`t.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', 'There is no such team.');
};

export const createTeam = async (
  tx: Tx,
  team: { id: string; name: string; description: string },
): Promise<void> => {
  await tx.team.create({ data: team });
};

type TeamChange = { name?: string | undefined; description?: string | undefined; removedAt?: Date };

/** Changes a team that still is at `version`; false when it is not. */
export const changeTeam = async (
  tx: Tx,
  id: string,
  version: number,
  change: TeamChange,
): Promise<boolean> => {
  const { count } = await tx.team.updateMany({
    where: { id, version, removedAt: null },
    data: { ...change, version: { increment: 1 } },
  });
  return count > 0;
};

/** Nobody is in a team that was removed, and no sync puts anybody there. */
export const emptyTeam = async (tx: Tx, id: string): Promise<number> => {
  const { count } = await tx.teamMember.deleteMany({ where: { teamId: id } });
  await tx.teamRule.deleteMany({ where: { teamId: id } });
  return count;
};

type Source = { ruleId: string | null; directoryName: string | null; since: string };
export type MemberRow = {
  id: string;
  name: string;
  displayName: string;
  disabled: boolean;
  since: Date;
  sources: Source[];
};

const memberRows = (teamId: string, where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT u.id, u.name, u."displayName", u."disabledAt" IS NOT NULL AS disabled, min(m.since) AS since,
    json_agg(json_build_object('ruleId', m."ruleId", 'directoryName', d.name,
      'since', to_char(m.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY m.since) AS sources
  FROM "TeamMember" m JOIN "User" u ON u.id = m."userId"
  LEFT JOIN "TeamRule" r ON r.id = m."ruleId" LEFT JOIN "Directory" d ON d.id = r."directoryId"
  WHERE m."teamId" = ${teamId}::uuid AND ${where}
  GROUP BY u.id`;

/** The people of a team, each once, with every source of the membership. */
export const pageOfMembers = (db: Tx, teamId: string, query: PageQuery) =>
  pageOfRows<MemberRow>(
    db,
    {
      rows: memberRows(teamId, Prisma.sql`true`),
      search: ['name', 'displayName'],
      sorts: {
        name: ['name', 'text'],
        displayName: ['displayName', 'text'],
        since: ['since', 'timestamptz'],
      },
      usual: ['name', 'asc'],
    },
    query,
  );

export const getMember = async (db: Tx, teamId: string, userId: string): Promise<MemberRow | undefined> => {
  const [row] = await db.$queryRaw<MemberRow[]>(memberRows(teamId, Prisma.sql`m."userId" = ${userId}::uuid`));
  return row;
};

/** Holds the team until the transaction ends; false when it was removed. */
export const lockTeam = async (tx: Tx, id: string): Promise<boolean> => {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT id FROM "Team" WHERE id = ${id}::uuid AND "removedAt" IS NULL FOR UPDATE`;
  return rows.length > 0;
};

/** Puts a person into a team by hand; false when a hand did so before. */
export const addByHand = async (tx: Tx, teamId: string, userId: string): Promise<boolean> => {
  const count = await tx.$executeRaw`
    INSERT INTO "TeamMember" (id, "teamId", "userId") VALUES (${uuid()}::uuid, ${teamId}::uuid, ${userId}::uuid)
    ON CONFLICT DO NOTHING`;
  return count > 0;
};

/** Ends a membership made by hand; those of rules stay. */
export const removeByHand = async (tx: Tx, teamId: string, userId: string): Promise<boolean> => {
  const { count } = await tx.teamMember.deleteMany({ where: { teamId, userId, ruleId: null } });
  return count > 0;
};
