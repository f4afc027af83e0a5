import type { TeamRuleWish } from '@portreeve/contract';
import { DirectoryConfiguration } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Database, Tx } from '../../platform/db/database.ts';
import { Prisma } from '../../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../../platform/db/page-of-rows.ts';
import type { ClusterKeys } from '../../platform/keys/cluster-key.ts';
import type { Reach } from './connection.ts';

/** How far increments have come, of which server, and when the directory was last read to the end. */
export type Mark = { server: string; people: string; groups: string; at: string };

export type DirectoryRow = {
  id: string;
  name: string;
  position: number;
  enabled: boolean;
  configuration: unknown;
  sealedPassword: string | null;
  previous: unknown;
  previousSealedPassword: string | null;
  mark: unknown;
  lastFullAt: Date | null;
  heldRunId: string | null;
  version: number;
  createdAt: Date;
};

/** The context under which the password of a directory's service account is sealed. */
export const sealedFor = (id: string): string => `directory:${id}`;

export const configurationOf = (row: Pick<DirectoryRow, 'configuration'>): DirectoryConfiguration =>
  DirectoryConfiguration.parse(row.configuration);

/** What it takes to ask a directory. */
export const reachOf = (row: DirectoryRow, keys: ClusterKeys): Reach => ({
  configuration: configurationOf(row),
  password: row.sealedPassword === null ? '' : keys.unseal(row.sealedPassword, sealedFor(row.id)),
});

/** All there are, in the order in which they are asked. */
export const presentDirectories = (db: Tx | Database['prisma']): Promise<DirectoryRow[]> =>
  db.directory.findMany({
    where: { removedAt: null },
    orderBy: [{ position: 'asc' }, { name: 'asc' }],
  });

/** Those that may be signed in with. */
export const enabledDirectories = async (db: Tx | Database['prisma']): Promise<DirectoryRow[]> =>
  (await presentDirectories(db)).filter(({ enabled }) => enabled);

/** Throws `not-found`. */
export const getDirectory = async (db: Tx | Database['prisma'], id: string): Promise<DirectoryRow> => {
  const row = await db.directory.findFirst({ where: { id, removedAt: null } });
  if (row) return row;
  throw new DomainError('not-found', 'There is no such directory.');
};

/**
 * That what was read of a directory still counts: it was neither changed, nor switched off, nor removed meanwhile, and
 * will not be before the transaction ends. Throws `conflict.state`.
 */
export const requireUnchanged = async (tx: Tx, { id, name, version }: DirectoryRow): Promise<void> => {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT id FROM "Directory"
    WHERE id = ${id}::uuid AND version = ${version} AND enabled AND "removedAt" IS NULL FOR UPDATE`;
  if (rows.length > 0) return;
  throw new DomainError('conflict.state', `The directory ${name} was changed or switched off meanwhile.`);
};

export const pageOfDirectories = (database: Database, query: PageQuery) =>
  pageOfRows<DirectoryRow>(
    database.prisma,
    {
      rows: Prisma.sql`SELECT id, name, position, enabled, configuration, "sealedPassword", previous,
          "previousSealedPassword", mark, "lastFullAt", "heldRunId", version, "createdAt"
        FROM "Directory" WHERE "removedAt" IS NULL`,
      search: ['name'],
      sorts: {
        position: ['position', 'int'],
        name: ['name', 'text'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['position', 'asc'],
    },
    query,
  );

export const peopleIn = (db: Tx | Database['prisma'], directoryId: string): Promise<number> =>
  db.user.count({ where: { directoryId } });

export const createDirectory = async (tx: Tx, data: Prisma.DirectoryUncheckedCreateInput): Promise<void> => {
  await tx.directory.create({ data });
};

/** Changes a directory that still is at `version`; false when it is not. */
export const changeDirectory = async (
  tx: Tx,
  { id, version }: { id: string; version: number },
  data: Prisma.DirectoryUncheckedUpdateManyInput,
): Promise<boolean> => {
  const { count } = await tx.directory.updateMany({
    where: { id, version, removedAt: null },
    data: { ...data, version: { increment: 1 } },
  });
  return count > 0;
};

/** What a sync keeps; the version stays, since no person changed anything. */
export const keepMark = async (
  tx: Tx,
  id: string,
  kept: { mark?: Mark; lastFullAt?: Date; heldRunId?: string | null },
): Promise<void> => {
  await tx.directory.updateMany({ where: { id }, data: kept });
};

/** It answered, though nothing was carried out: that counts for how long it is silent. */
export const keepHeard = async (tx: Tx, id: string, at: string): Promise<void> => {
  await tx.$executeRaw`
    UPDATE "Directory" SET mark = coalesce(mark, '{"server":"","people":"","groups":""}')
      || jsonb_build_object('at', ${at}::text) WHERE id = ${id}::uuid`;
};

/** The next sync is a full one. When the directory was last heard is kept: that counts for how long it is silent. */
export const forgetMark = async (tx: Tx, id: string): Promise<void> => {
  await tx.$executeRaw`
    UPDATE "Directory" SET mark = mark || '{"server":"","people":"","groups":""}' WHERE id = ${id}::uuid`;
};

export type RuleRow = {
  id: string;
  teamId: string;
  team: string;
  directoryId: string;
  wish: TeamRuleWish;
  groupKey: string | null;
};

/** The rules of a directory's teams. */
export const rulesOf = async (db: Tx | Database['prisma'], directoryId: string): Promise<RuleRow[]> => {
  const rows = await db.teamRule.findMany({
    where: { directoryId, team: { removedAt: null } },
    include: { team: { select: { name: true } } },
  });
  return rows.map(({ team, wish, ...row }) => ({ ...row, team: team.name, wish: wish as TeamRuleWish }));
};
