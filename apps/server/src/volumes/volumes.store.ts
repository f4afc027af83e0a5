import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';

/** Name of a volume at its engine: from our id, so that no stack can name another's. */
export const engineNameOf = (volumeId: string): string => `pr-${volumeId}`;

export type NewVolume = { id?: string; name: string; driver: string; driverOptions: Record<string, string> };

/** Volumes of a stack as declared; each is bound to a node when its first task is placed. */
export const createVolumes = async (
  tx: Tx,
  stack: { id: string; projectId: string },
  volumes: readonly NewVolume[],
): Promise<{ id: string; name: string }[]> => {
  const rows = volumes.map((volume) => {
    const id = volume.id ?? uuid();
    return { stackId: stack.id, projectId: stack.projectId, ...volume, id, engineName: engineNameOf(id) };
  });
  if (rows.length > 0) await tx.volume.createMany({ data: rows });
  return rows;
};

export type VolumeRow = {
  id: string;
  stackId: string;
  projectId: string;
  name: string;
  nodeId: string | null;
  driver: string;
  driverOptions: unknown;
};

/** Volumes by id, and those of the same stack and name on other nodes (a global service has one per node). */
export const loadVolumes = (db: Tx, ids: readonly string[]): Promise<VolumeRow[]> =>
  db.$queryRaw<VolumeRow[]>`
    SELECT v.id, v."stackId", v."projectId", v.name, v."nodeId", v.driver, v."driverOptions"
    FROM "Volume" v JOIN "Volume" named ON named."stackId" = v."stackId" AND named.name = v.name
    WHERE named.id = ANY(${[...ids]}::uuid[]) AND v."removedAt" IS NULL`;

/**
 * Binds volumes to the nodes their first tasks go to. False when one was bound elsewhere meanwhile: the placement
 * plan must be made again.
 */
export const bindVolumes = async (tx: Tx, bindings: ReadonlyMap<string, string>): Promise<boolean> => {
  if (bindings.size === 0) return true;
  const bound = await tx.$executeRaw`
    UPDATE "Volume" v SET "nodeId" = b.node
    FROM unnest(${[...bindings.keys()]}::uuid[], ${[...bindings.values()]}::uuid[]) AS b(id, node)
    WHERE v.id = b.id AND (v."nodeId" IS NULL OR v."nodeId" = b.node)`;
  return bound === bindings.size;
};

/** Further copies of declared volumes, each on a node of its own. */
export const copyVolumes = async (
  tx: Tx,
  copies: readonly { id: string; of: VolumeRow; nodeId: string }[],
): Promise<void> => {
  if (copies.length === 0) return;
  await tx.volume.createMany({
    data: copies.map(({ id, of, nodeId }) => ({
      id,
      stackId: of.stackId,
      projectId: of.projectId,
      name: of.name,
      driver: of.driver,
      driverOptions: of.driverOptions ?? {},
      engineName: engineNameOf(id),
      nodeId,
    })),
  });
};

export type VolumeListRow = {
  id: string;
  name: string;
  stackId: string;
  stackName: string;
  projectId: string;
  projectPath: string;
  nodeId: string | null;
  nodeName: string | null;
  driver: string;
  engineName: string;
  createdAt: Date;
};

const volumeRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT v.id, v.name, v."stackId", k.name AS "stackName", k.name || '/' || v.name AS "fullName", v."projectId",
    p.path AS "projectPath", v."nodeId", n.name AS "nodeName", coalesce(n.name, '') AS "nodeKey", v.driver,
    v."engineName", v."createdAt"
  FROM "Volume" v JOIN "Stack" k ON k.id = v."stackId" JOIN "Project" p ON p.id = v."projectId"
  LEFT JOIN "Node" n ON n.id = v."nodeId"
  WHERE v."removedAt" IS NULL AND ${where}`;

/** A page of the volumes of these projects. */
export const pageOfVolumes = (db: Tx, projectIds: string[], query: PageQuery) =>
  pageOfRows<VolumeListRow>(
    db,
    {
      rows: volumeRows(Prisma.sql`v."projectId" = ANY(${projectIds}::uuid[])`),
      search: ['name', 'stackName', 'nodeKey'],
      sorts: {
        name: ['fullName', 'text'],
        node: ['nodeKey', 'text'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['name', 'asc'],
    },
    query,
  );

/** Throws `not-found`. */
export const getVolume = async (db: Tx, id: string): Promise<VolumeListRow> => {
  const [row] = await db.$queryRaw<VolumeListRow[]>(volumeRows(Prisma.sql`v.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', 'There is no such volume.');
};

/** Nobody gets it any more; a loop takes it off its host. */
export const markVolumeRemoved = async (tx: Tx, id: string, now: Date): Promise<void> => {
  await tx.volume.update({ where: { id }, data: { removedAt: now } });
};

export type LeftoverVolume = { id: string; nodeId: string | null; engineName: string; nodeGone: boolean };

/** Removed volumes that no task holds any more. */
export const leftoverVolumes = (db: Tx): Promise<LeftoverVolume[]> => db.$queryRaw<LeftoverVolume[]>`
  SELECT v.id, v."nodeId", v."engineName", n.id IS NULL OR n."removedAt" IS NOT NULL AS "nodeGone"
  FROM "Volume" v LEFT JOIN "Node" n ON n.id = v."nodeId"
  WHERE v."removedAt" IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM "Task" t, jsonb_array_elements(t.volumes) AS used
    WHERE used->>'volumeId' = v.id::text AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost'))
  LIMIT 50`;

/** Ends the row of a volume that is on no host any more. */
export const forgetVolume = async (db: Tx, id: string): Promise<void> => {
  await db.volume.deleteMany({ where: { id } });
};
