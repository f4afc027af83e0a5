import { builtInRole, Permission } from '@portreeve/domain';
import type { Allowance, HeldGrant } from '@portreeve/planning';
import type { Tx } from '../platform/db/database.ts';

type GrantRow = {
  id: string;
  roleId: string;
  roleName: string | null;
  permissions: string[] | null;
  teamName: string | null;
  projectPath: string;
  endsAt: string | null;
};
type Row = { grants: GrantRow[] | null; allowances: { projectPath: string; permissions: string[] }[] | null };

/** A permission that this version no longer knows gives nothing. */
const known = (names: readonly string[]): ReadonlySet<Permission> =>
  new Set(names.flatMap((name) => Permission.safeParse(name).data ?? []));

const heldGrant = ({
  id,
  roleId,
  roleName,
  permissions,
  teamName,
  projectPath,
  endsAt,
}: GrantRow): HeldGrant => {
  const role = builtInRole(roleId);
  return {
    ...{ id, roleId, projectPath },
    roleName: role?.name ?? roleName ?? 'a role that was removed',
    permissions: role ? new Set(role.permissions) : known(permissions ?? []),
    ...(teamName !== null && { teamName }),
    ...(endsAt !== null && { endsAt: Date.parse(endsAt) }),
  };
};

/** The grants of an account, its own and those of its teams, and what projects allow of the host; one statement. */
export const readRights = async (
  tx: Tx,
  userId: string,
): Promise<{ grants: HeldGrant[]; allowances: Allowance[] }> => {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT
      (SELECT json_agg(held) FROM (
        SELECT g.id, g."roleId", r.name AS "roleName", r.permissions, t.name AS "teamName", p.path AS "projectPath",
          to_char(g."endsAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "endsAt"
        FROM "Grant" g
        JOIN "Project" p ON p.id = g."projectId" AND p."removedAt" IS NULL
        LEFT JOIN "Team" t ON t.id = g."teamId"
        LEFT JOIN "Role" r ON r.id = g."roleId" AND r."removedAt" IS NULL
        WHERE g."endedAt" IS NULL AND (g."endsAt" IS NULL OR g."endsAt" > now()) AND t."removedAt" IS NULL
          AND (g."userId" = ${userId}::uuid
            OR g."teamId" IN (SELECT "teamId" FROM "TeamMember" WHERE "userId" = ${userId}::uuid))
        ORDER BY g.id
      ) held) AS grants,
      (SELECT json_agg(json_build_object('projectPath', path, 'permissions', "hostPrivileges")) FROM "Project"
        WHERE "removedAt" IS NULL AND cardinality("hostPrivileges") > 0) AS allowances`;
  return {
    grants: (row?.grants ?? []).map(heldGrant),
    allowances: (row?.allowances ?? []).map(({ projectPath, permissions }) => ({
      projectPath,
      permissions: known(permissions),
    })),
  };
};
