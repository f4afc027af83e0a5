import { isWithin } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';

/**
 * An image that the engine has because another project pulled it with its own credentials is none of ours: who
 * knows its name or digest could else run it without being allowed to read it.
 */
export const pulledByOthers = async (
  db: Tx,
  digests: readonly string[],
  projectId: string,
): Promise<boolean> => {
  if (digests.length === 0) return false;
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "Revision" r JOIN "Service" s ON s.id = r."serviceId" JOIN "Stack" k ON k.id = s."stackId"
    WHERE r.pin->>'digest' = ANY(${[...digests]}::text[]) AND k."projectId" <> ${projectId}::uuid LIMIT 1`;
  return rows.length > 0;
};

/** Connected nodes that take tasks of the project. */
export const connectedNodes = async (
  db: Tx,
  projectPath: string,
): Promise<{ id: string; name: string }[]> => {
  const nodes = await db.node.findMany({
    where: { removedAt: null, state: 'ready', connectedTo: { not: null } },
    select: { id: true, name: true, project: { select: { path: true } } },
    orderBy: { name: 'asc' },
  });
  return nodes.filter((node) => isWithin(projectPath, node.project.path));
};
