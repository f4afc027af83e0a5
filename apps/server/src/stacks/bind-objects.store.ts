import type { Tx } from '../platform/db/database.ts';
import { lineage, type ProjectRow } from '../projects/projects.store.ts';

type Found = { id: string; version: number } | undefined;

/** Networks and volumes of other stacks in the same project: `stack_name`, or the bare name where only one has it. */
export const findStackObject = async (
  db: Tx,
  kind: 'network' | 'volume',
  project: ProjectRow,
  name: string,
): Promise<Found> => {
  const stacks = await db.stack.findMany({ where: { projectId: project.id, removedAt: null } });
  const where = { stackId: { in: stacks.map(({ id }) => id) }, removedAt: null };
  const select = { id: true, name: true, stackId: true } as const;
  const rows =
    kind === 'network'
      ? await db.network.findMany({ where, select })
      : await db.volume.findMany({ where, select, orderBy: { createdAt: 'asc' } });
  const stackName = new Map(stacks.map((stack) => [stack.id, stack.name]));
  const full = rows.find((row) => `${stackName.get(row.stackId)}_${row.name}` === name);
  const bare = rows.filter((row) => row.name === name);
  const row = full ?? (bare.length === 1 ? bare[0] : undefined);
  return row && { id: row.id, version: 0 };
};

/** A config or secret of the project itself, else of the nearest project above it. */
export const findFile = async (
  db: Tx,
  kind: 'config' | 'secret',
  project: ProjectRow,
  name: string,
): Promise<Found> => {
  const projects = await lineage(db, project.path);
  const rows = await db.storedFile.findMany({
    where: { kind, name, stackId: null, removedAt: null, projectId: { in: projects.map(({ id }) => id) } },
  });
  for (const { id } of projects) {
    const row = rows.find(({ projectId }) => projectId === id);
    if (row) return { id: row.id, version: row.version };
  }
  return undefined;
};
