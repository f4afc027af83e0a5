import type { DirectoryTest } from '@portreeve/contract';
import { builtInRole, Permission } from '@portreeve/domain';
import type { Database } from '../../platform/db/database.ts';

/** What membership in teams would give, and where. */
export const permissionsOfTeams = async (
  db: Database['prisma'],
  teamIds: readonly string[],
  now: Date,
): Promise<DirectoryTest['permissions']> => {
  const grants = await db.grant.findMany({
    where: {
      teamId: { in: [...teamIds] },
      endedAt: null,
      OR: [{ endsAt: null }, { endsAt: { gt: now } }],
    },
    include: { project: { select: { path: true } } },
  });
  const own = await db.role.findMany({ where: { id: { in: grants.map(({ roleId }) => roleId) } } });
  return grants.flatMap(({ roleId, project }) => {
    const role = builtInRole(roleId) ?? own.find(({ id }) => id === roleId);
    if (!role) return [];
    const permissions = role.permissions.flatMap((name) => Permission.safeParse(name).data ?? []);
    return [{ projectPath: project.path, role: role.name, permissions }];
  });
};
