import { BUILT_IN_ROLES, builtInRole, DomainError, Permission } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';

export type RoleRow = {
  id: string;
  name: string;
  description: string;
  builtIn: boolean;
  permissions: Permission[];
  copiedFrom: string | null;
  copiedFromName: string | null;
  grants: number;
  createdAt: Date | null;
  version: number;
};

const BUILT_IN = JSON.stringify(
  Object.values(BUILT_IN_ROLES).map((role, index) => ({ ...role, place: index + 1 })),
);

/** The built-in roles as rows: `id, name, description, permissions, place`. */
export const builtInRows = (): Prisma.Sql =>
  Prisma.sql`jsonb_to_recordset(${BUILT_IN}::jsonb)
    AS built(id uuid, name text, description text, permissions text[], place int)`;

/** True of a grant `g` that counts now. */
export const STANDING = Prisma.sql`(g."endedAt" IS NULL AND (g."endsAt" IS NULL OR g."endsAt" > now()))`;

// Built-in ones first, from what may least to what may most; then people's own by name.
const everyRole = (): Prisma.Sql => Prisma.sql`
  SELECT every.*, (SELECT c.name FROM "Role" c WHERE c.id = every."copiedFrom"
      UNION ALL SELECT built.name FROM ${builtInRows()} WHERE built.id = every."copiedFrom" LIMIT 1) AS "copiedFromName",
    (SELECT count(*)::int FROM "Grant" g JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
      LEFT JOIN "Team" t ON t.id = g."teamId"
      WHERE g."roleId" = every.id AND t."removedAt" IS NULL AND ${STANDING}) AS grants
  FROM (
    SELECT id, name, description, true AS "builtIn", permissions, NULL::uuid AS "copiedFrom",
      NULL::timestamptz AS "createdAt", 1 AS version, '0' || place AS place
    FROM ${builtInRows()}
    UNION ALL
    SELECT id, name, description, false, coalesce(permissions, ARRAY[]::text[]), "copiedFrom", "createdAt", version,
      '1' || name
    FROM "Role" WHERE "removedAt" IS NULL
  ) every`;

const rowOf = ({ place: _, ...row }: RoleRow & { place?: string }): RoleRow => ({
  ...row,
  permissions: row.permissions.flatMap((name) => Permission.safeParse(name).data ?? []),
});

export const pageOfRoles = async (db: Tx, query: PageQuery) => {
  const page = await pageOfRows<RoleRow & { place: string }>(
    db,
    {
      rows: everyRole(),
      search: ['name', 'description'],
      sorts: { usual: ['place', 'text'], name: ['name', 'text'], grants: ['grants', 'int'] },
      usual: ['usual', 'asc'],
    },
    query,
  );
  return { ...page, items: page.items.map(rowOf) };
};

/** A role, built-in or not. Throws `not-found`. */
export const getRole = async (db: Tx, id: string): Promise<RoleRow> => {
  const [row] = await db.$queryRaw<RoleRow[]>`SELECT * FROM (${everyRole()}) one WHERE id = ${id}::uuid`;
  if (!row) throw new DomainError('not-found', 'There is no such role.');
  return rowOf(row);
};

export const everyRoleRow = async (db: Tx): Promise<RoleRow[]> => {
  const rows = await db.$queryRaw<
    RoleRow[]
  >`SELECT * FROM (${everyRole()}) every ORDER BY place COLLATE "C" LIMIT 500`;
  return rows.map(rowOf);
};

/** A role's permissions while its row is locked, so that it stays as it is until the transaction ends. */
export const lockRole = async (tx: Tx, id: string, how: 'read' | 'change'): Promise<boolean> => {
  if (builtInRole(id)) return true;
  const lock = how === 'read' ? Prisma.sql`FOR SHARE` : Prisma.sql`FOR UPDATE`;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Role" WHERE id = ${id}::uuid AND "removedAt" IS NULL ${lock}`;
  return rows.length > 0;
};

export const createRole = async (
  tx: Tx,
  role: {
    id: string;
    name: string;
    description: string;
    permissions: Permission[];
    copiedFrom: string | null;
  },
): Promise<void> => {
  await tx.role.create({ data: role });
};

type RoleChange = {
  name?: string | undefined;
  description?: string | undefined;
  permissions?: Permission[] | undefined;
  removedAt?: Date;
};

/** Changes a role that still is at `version`; false when it is not. */
export const changeRole = async (
  tx: Tx,
  id: string,
  version: number,
  change: RoleChange,
): Promise<boolean> => {
  const { count } = await tx.role.updateMany({
    where: { id, version, removedAt: null },
    data: { ...change, version: { increment: 1 } },
  });
  return count > 0;
};

/** A grant of the role that stands, in words; undefined where there is none. */
export const someGrantOf = async (tx: Tx, roleId: string): Promise<string | undefined> => {
  const [row] = await tx.$queryRaw<{ name: string; path: string }[]>`
    SELECT coalesce(u.name, 'the team ' || t.name) AS name, p.path FROM "Grant" g
    JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
    LEFT JOIN "User" u ON u.id = g."userId" LEFT JOIN "Team" t ON t.id = g."teamId"
    WHERE g."roleId" = ${roleId}::uuid AND t."removedAt" IS NULL AND ${STANDING} LIMIT 1`;
  return row && `${row.name} in ${row.path}`;
};

export type RoleHolder = {
  userId: string;
  name: string;
  displayName: string;
  projectPath: string;
  teamName: string | null;
};

/** Everybody who holds the role somewhere, themselves or through a team; once for each place. */
export const holdersOf = (db: Tx, roleId: string): Promise<RoleHolder[]> => db.$queryRaw<RoleHolder[]>`
  SELECT DISTINCT ON (u.name, p.path) u.id AS "userId", u.name, u."displayName", p.path AS "projectPath", t.name AS "teamName"
  FROM "Grant" g JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
  LEFT JOIN "Team" t ON t.id = g."teamId"
  LEFT JOIN "TeamMember" m ON m."teamId" = g."teamId"
  JOIN "User" u ON u.id = coalesce(g."userId", m."userId") AND u."disabledAt" IS NULL
  WHERE g."roleId" = ${roleId}::uuid AND t."removedAt" IS NULL AND ${STANDING}
  ORDER BY u.name, p.path, t.name NULLS FIRST`;

/** What people hold in a project through other roles than this one; by `userId path`. */
export const heldOtherwise = async (
  db: Tx,
  roleId: string,
  holders: readonly Pick<RoleHolder, 'userId' | 'projectPath'>[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const rows = await db.$queryRaw<{ userId: string; path: string; permissions: string[] }[]>`
    SELECT pair."userId", pair.path, array_agg(DISTINCT permission) AS permissions
    FROM unnest(${holders.map(({ userId }) => userId)}::uuid[], ${holders.map(({ projectPath }) => projectPath)}::text[])
      AS pair("userId", path)
    JOIN "Grant" g ON g."roleId" <> ${roleId}::uuid AND ${STANDING} AND (g."userId" = pair."userId" OR g."teamId" IN (
      SELECT m."teamId" FROM "TeamMember" m JOIN "Team" t ON t.id = m."teamId" AND t."removedAt" IS NULL
      WHERE m."userId" = pair."userId"))
    JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
      AND (p.path = '/' OR p.path = pair.path OR starts_with(pair.path, p.path || '/'))
    LEFT JOIN "Role" r ON r.id = g."roleId" AND r."removedAt" IS NULL
    LEFT JOIN ${builtInRows()} ON built.id = g."roleId"
    CROSS JOIN unnest(coalesce(built.permissions, r.permissions)) AS permission
    GROUP BY pair."userId", pair.path`;
  return new Map(rows.map(({ userId, path, permissions }) => [`${userId} ${path}`, new Set(permissions)]));
};
