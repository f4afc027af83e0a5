import { builtInRole, DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import { builtInRows, STANDING } from './roles.store.ts';

export type SubjectKind = 'user' | 'team' | 'service-account';
export type GrantRow = {
  id: string;
  subjectId: string;
  subjectKind: SubjectKind;
  subjectName: string;
  subjectDisplayName: string;
  roleId: string;
  roleName: string;
  permissions: string[];
  projectId: string;
  projectPath: string;
  endsAt: Date | null;
  reason: string;
  createdBy: string;
  createdAt: Date;
  lastUsedOn: Date | null;
};

/** Grants that count now, `g` with its project `p`, team `t` and account `u`, as rows. */
export const grantRows = (where: Prisma.Sql, more: Prisma.Sql = Prisma.empty): Prisma.Sql => Prisma.sql`
  SELECT g.id, g."roleId", g."projectId", p.path AS "projectPath", g."endsAt", g.reason, g."createdBy", g."createdAt",
    coalesce(u.id, t.id) AS "subjectId", coalesce(u.name, t.name) AS "subjectName",
    coalesce(nullif(u."displayName", ''), u.name, t.name) AS "subjectDisplayName",
    CASE WHEN t.id IS NOT NULL THEN 'team' WHEN u.kind = 'service' THEN 'service-account' ELSE 'user' END AS "subjectKind",
    coalesce(built.name, r.name, 'a role that was removed') AS "roleName",
    coalesce(built.permissions, r.permissions, ARRAY[]::text[]) AS permissions,
    coalesce(g."endsAt", '9999-12-31') AS "endKey",
    (SELECT max(s."usedOn") FROM "GrantUse" s WHERE s."grantId" = g.id) AS "lastUsedOn" ${more}
  FROM "Grant" g
  JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
  LEFT JOIN "Team" t ON t.id = g."teamId"
  LEFT JOIN "User" u ON u.id = g."userId"
  LEFT JOIN "Role" r ON r.id = g."roleId" AND r."removedAt" IS NULL
  LEFT JOIN ${builtInRows()} ON built.id = g."roleId"
  WHERE t."removedAt" IS NULL AND ${STANDING} AND ${where}`;

export type GrantFilter = {
  projectIds: readonly string[];
  user?: string | undefined;
  team?: string | undefined;
  role?: string | undefined;
};

const filtered = ({ projectIds, user, team, role }: GrantFilter): Prisma.Sql =>
  Prisma.join(
    [
      Prisma.sql`g."projectId" = ANY(${[...projectIds]}::uuid[])`,
      ...(user === undefined ? [] : [Prisma.sql`g."userId" = ${user}::uuid`]),
      ...(team === undefined ? [] : [Prisma.sql`g."teamId" = ${team}::uuid`]),
      ...(role === undefined ? [] : [Prisma.sql`g."roleId" = ${role}::uuid`]),
    ],
    ' AND ',
  );

const SORTS = {
  subject: ['subjectName', 'text'],
  role: ['roleName', 'text'],
  project: ['projectPath', 'text'],
  createdAt: ['createdAt', 'timestamptz'],
  endsAt: ['endKey', 'timestamptz'],
} as const;
const SEARCHED = ['subjectName', 'subjectDisplayName', 'roleName', 'projectPath', 'reason'];

const pageOf = <T extends GrantRow>(db: Tx, rows: Prisma.Sql, query: PageQuery) =>
  pageOfRows<T>(db, { rows, search: SEARCHED, sorts: SORTS, usual: ['project', 'asc'] }, query);

export const pageOfGrants = (db: Tx, filter: GrantFilter, query: PageQuery) =>
  pageOf<GrantRow>(db, grantRows(filtered(filter)), query);

/** Of an account: granted to it, or to a team that it is in. */
const heldBy = (userId: string): Prisma.Sql => Prisma.sql`(g."userId" = ${userId}::uuid OR g."teamId" IN (
  SELECT m."teamId" FROM "TeamMember" m WHERE m."userId" = ${userId}::uuid))`;

export const pageOfHeldGrants = (db: Tx, userId: string, query: PageQuery) =>
  pageOf<GrantRow>(db, grantRows(heldBy(userId)), query);

const MOST = 500;

/** What an account was granted, itself and through teams, by project. */
export const grantsHeldBy = (db: Tx, userId: string): Promise<GrantRow[]> =>
  db.$queryRaw`${grantRows(heldBy(userId))} ORDER BY "projectPath", g.id LIMIT ${MOST}`;

export const grantsOfTeam = (db: Tx, teamId: string): Promise<GrantRow[]> =>
  db.$queryRaw`${grantRows(Prisma.sql`g."teamId" = ${teamId}::uuid`)} ORDER BY g.id`;

/** Grants in these projects whose role has the permission, of subjects that are not disabled; the nearest first. */
export const grantsWith = (
  db: Tx,
  projectIds: readonly string[],
  permission: string,
): Promise<(GrantRow & { people: number })[]> => {
  const people = Prisma.sql`, CASE WHEN t.id IS NULL THEN 1 ELSE (
    SELECT count(DISTINCT m."userId")::int FROM "TeamMember" m JOIN "User" mu ON mu.id = m."userId"
    WHERE m."teamId" = t.id AND mu."disabledAt" IS NULL) END AS people`;
  const where = Prisma.sql`g."projectId" = ANY(${[...projectIds]}::uuid[]) AND u."disabledAt" IS NULL
    AND ${permission} = ANY(coalesce(built.permissions, r.permissions))`;
  return db.$queryRaw`${grantRows(where, people)}
    ORDER BY length(p.path) DESC, coalesce(u.name, t.name) COLLATE "C", g.id`;
};

/** A grant that counts now. Throws `not-found`. */
export const getGrant = async (db: Tx, id: string): Promise<GrantRow> => {
  const [row] = await db.$queryRaw<GrantRow[]>(grantRows(Prisma.sql`g.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', 'There is no such grant, or it has ended.');
};

export type UnusedRow = GrantRow & { unused: string[] };

/** Grants older than `days` with permissions that nobody used through them for as long. */
export const pageOfUnused = (db: Tx, projectIds: readonly string[], days: number, query: PageQuery) => {
  const unused = Prisma.sql`, ARRAY(
    SELECT permission FROM unnest(coalesce(built.permissions, r.permissions)) AS permission
    WHERE permission <> 'token.own' AND NOT EXISTS (
      SELECT 1 FROM "GrantUse" s WHERE s."grantId" = g.id AND s.permission = permission.permission
        AND s."usedOn" > (now() AT TIME ZONE 'UTC')::date - ${days}::int)) AS unused`;
  const where = Prisma.sql`${filtered({ projectIds })} AND g."createdAt" <= now() - make_interval(days => ${days}::int)`;
  const rows = Prisma.sql`SELECT * FROM (${grantRows(where, unused)}) g WHERE cardinality(unused) > 0`;
  return pageOf<UnusedRow>(db, rows, query);
};

export type NewGrant = {
  id: string;
  subject: { kind: SubjectKind; id: string };
  roleId: string;
  projectId: string;
  endsAt: Date | null;
  reason: string;
  createdBy: string;
};

/** Locks who is granted something and answers what it is; undefined when there is no such subject. */
export const lockSubject = async (
  tx: Tx,
  { kind, id }: NewGrant['subject'],
): Promise<{ name: string; projectId: string | null } | undefined> => {
  const [row] =
    kind === 'team'
      ? await tx.$queryRaw<{ name: string; projectId: null }[]>`
          SELECT name, NULL::uuid AS "projectId" FROM "Team" WHERE id = ${id}::uuid AND "removedAt" IS NULL FOR SHARE`
      : await tx.$queryRaw<{ name: string; projectId: string | null }[]>`
          SELECT name, "projectId" FROM "User" WHERE id = ${id}::uuid AND "disabledAt" IS NULL
            AND kind = ${kind === 'user' ? 'person' : 'service'} FOR SHARE`;
  return row;
};

/** True when the same was granted to the same subject in the same project already, for as long at least. */
export const isGranted = async (
  tx: Tx,
  { subject, roleId, projectId, endsAt }: NewGrant,
): Promise<boolean> => {
  const of = subject.kind === 'team' ? Prisma.sql`g."teamId"` : Prisma.sql`g."userId"`;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "Grant" g WHERE ${of} = ${subject.id}::uuid AND g."roleId" = ${roleId}::uuid
      AND g."projectId" = ${projectId}::uuid AND ${STANDING}
      AND coalesce(g."endsAt", 'infinity') >= coalesce(${endsAt}::timestamptz, 'infinity') LIMIT 1`;
  return rows.length > 0;
};

export const createGrant = async (tx: Tx, { subject, ...grant }: NewGrant): Promise<void> => {
  const of = subject.kind === 'team' ? { teamId: subject.id } : { userId: subject.id };
  await tx.grant.create({ data: { ...grant, ...of } });
};

type Ended = { id: string; userId: string | null; teamId: string | null };

/** Ends grants that still stand, by whatever names them. */
const endWhere = (tx: Tx, where: Prisma.GrantWhereInput, now: Date): Promise<Ended[]> =>
  tx.grant.updateManyAndReturn({
    where: { ...where, endedAt: null },
    data: { endedAt: now },
    select: { id: true, userId: true, teamId: true },
  });

export const endGrant = async (tx: Tx, id: string, now: Date): Promise<boolean> =>
  (await endWhere(tx, { id }, now)).length > 0;
export const endGrantsOfTeam = (tx: Tx, teamId: string, now: Date): Promise<Ended[]> =>
  endWhere(tx, { teamId }, now);
export const endGrantsIn = (tx: Tx, projectId: string, now: Date): Promise<Ended[]> =>
  endWhere(tx, { projectId }, now);

/** Grants whose time is over and that nobody has ended yet; they are ended here, once. */
export const endOverdue = async (tx: Tx, now: Date) => {
  const ended = await tx.$queryRaw<
    (Ended & { name: string; path: string; roleId: string; roleName: string | null; endsAt: Date })[]
  >`
    UPDATE "Grant" g SET "endedAt" = g."endsAt" FROM "Project" p, (
      SELECT o.id, coalesce(u.name, t.name) AS name, r.name AS "roleName" FROM "Grant" o
      LEFT JOIN "User" u ON u.id = o."userId" LEFT JOIN "Team" t ON t.id = o."teamId" LEFT JOIN "Role" r ON r.id = o."roleId"
      WHERE o."endedAt" IS NULL AND o."endsAt" <= ${now} LIMIT 200) due
    WHERE g.id = due.id AND p.id = g."projectId" AND g."endedAt" IS NULL
    RETURNING g.id, g."userId", g."teamId", g."roleId", g."endsAt", p.path, due.name, due."roleName"`;
  return ended.map(({ roleName, ...row }) => ({
    ...row,
    roleName: builtInRole(row.roleId)?.name ?? roleName ?? 'a role that was removed',
  }));
};

export type SubjectRow = { id: string; kind: SubjectKind; name: string; displayName: string };

/** Whom something can be granted to in a project: people, teams, and service accounts of it and of those above it. */
export const pageOfSubjects = (db: Tx, projectIds: readonly string[], query: PageQuery) =>
  pageOfRows<SubjectRow>(
    db,
    {
      rows: Prisma.sql`
        SELECT id, CASE WHEN kind = 'service' THEN 'service-account' ELSE 'user' END AS kind, name,
          coalesce(nullif("displayName", ''), name) AS "displayName"
        FROM "User" WHERE "disabledAt" IS NULL AND (kind <> 'service' OR "projectId" = ANY(${[...projectIds]}::uuid[]))
        UNION ALL SELECT id, 'team', name, name FROM "Team" WHERE "removedAt" IS NULL`,
      search: ['name', 'displayName'],
      sorts: { name: ['name', 'text'], kind: ['kind', 'text'] },
      usual: ['name', 'asc'],
    },
    query,
  );
