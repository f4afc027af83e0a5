import { DomainError } from '@portreeve/domain';
import { raiseGenerations } from '../agents/generation.store.ts';
import { SEALED } from '../agents/sealed.ts';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { lineage } from '../projects/projects.store.ts';
import { normalHost } from './reference.ts';
import type { RegistryAccess } from './registry-client.ts';

export type RegistryRow = {
  id: string;
  projectId: string;
  host: string;
  username: string | null;
  sealedPassword: string | null;
  caPem: string | null;
  plainHttp: boolean;
  allowPrivateAddress: boolean;
  version: number;
  createdAt: Date;
};

/** How a stored registry is reached, its password opened. */
export const accessOf = (row: RegistryRow, keys: ClusterKeys): RegistryAccess => ({
  host: row.host,
  username: row.username ?? undefined,
  password: row.sealedPassword ? keys.unseal(row.sealedPassword, SEALED.registry(row.id)) : undefined,
  caPem: row.caPem ?? undefined,
  plainHttp: row.plainHttp,
  allowPrivateAddress: row.allowPrivateAddress,
});

/** A registry that nobody configured: public addresses over TLS only, and no credentials. */
export const anonymousAccess = (host: string): RegistryAccess => ({
  host,
  plainHttp: false,
  allowPrivateAddress: false,
});

/** How `project` reaches a registry: by its own settings, else by the nearest project's above it, else anonymously. */
export const registryAccess = async (
  db: Tx,
  keys: ClusterKeys,
  projectPath: string,
): Promise<(host: string) => RegistryAccess> => {
  const projects = await lineage(db, projectPath);
  const rows: RegistryRow[] = await db.registry.findMany({
    where: { projectId: { in: projects.map(({ id }) => id) }, removedAt: null },
  });
  const distance = new Map(projects.map(({ id }, index) => [id, index]));
  const nearest = rows.sort((a, b) => (distance.get(a.projectId) ?? 0) - (distance.get(b.projectId) ?? 0));
  return (host) => {
    const row = nearest.find((one) => one.host === normalHost(host));
    return row ? accessOf(row, keys) : anonymousAccess(host);
  };
};

export type RegistryListRow = RegistryRow & { projectPath: string };

const registryRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT r.id, r."projectId", r.host, r.username, r."sealedPassword", r."caPem", r."plainHttp",
    r."allowPrivateAddress", r.version, r."createdAt", p.path AS "projectPath"
  FROM "Registry" r JOIN "Project" p ON p.id = r."projectId" WHERE r."removedAt" IS NULL AND ${where}`;

/** A page of the registries of these projects. */
export const pageOfRegistries = (db: Tx, projectIds: string[], query: PageQuery) =>
  pageOfRows<RegistryListRow>(
    db,
    {
      rows: registryRows(Prisma.sql`r."projectId" = ANY(${projectIds}::uuid[])`),
      search: ['host', 'projectPath'],
      sorts: {
        host: ['host', 'text'],
        project: ['projectPath', 'text'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['host', 'asc'],
    },
    query,
  );

/** Throws `not-found`. */
export const getRegistry = async (db: Tx, id: string): Promise<RegistryListRow> => {
  const [row] = await db.$queryRaw<RegistryListRow[]>(registryRows(Prisma.sql`r.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', 'There is no such registry.');
};

/**
 * A host's engine trusts one CA for each registry, whichever project's task brings it. The project that has another one
 * than this for the same registry; until the transaction ends nobody else can bring one.
 */
export const ownerOfOtherCa = async (
  tx: Tx,
  { id, host, caPem }: { id: string; host: string; caPem: string },
): Promise<string | undefined> => {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`registry-ca ${host}`}, 0))`;
  const rows = await tx.$queryRaw<RegistryListRow[]>(
    registryRows(Prisma.sql`r.host = ${host} AND r.id <> ${id}::uuid AND r."caPem" IS NOT NULL`),
  );
  return rows.find((row) => row.caPem !== caPem)?.projectPath;
};

/** What hosts are given for a registry changed: those that hold tasks with an image of it hear of it at once. */
export const tellHostsUsing = async (tx: Tx, host: string): Promise<void> => {
  const rows = await tx.$queryRaw<{ nodeId: string }[]>`
    SELECT DISTINCT t."nodeId" FROM "Task" t JOIN "Revision" r ON r.id = t."revisionId"
    WHERE r.pin->>'registry' = ${host} AND t."nodeId" IS NOT NULL
      AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')`;
  await raiseGenerations(tx, { nodeIds: rows.map(({ nodeId }) => nodeId) });
};

export const createRegistry = async (
  tx: Tx,
  registry: Prisma.RegistryUncheckedCreateInput,
): Promise<void> => {
  await tx.registry.create({ data: registry });
};

/** Changes a registry that still is at `version`; false when it is not. */
export const editRegistry = async (
  tx: Tx,
  id: string,
  version: number,
  change: Prisma.RegistryUpdateManyMutationInput,
): Promise<boolean> => {
  const { count } = await tx.registry.updateMany({
    where: { id, version, removedAt: null },
    data: { ...change, version: { increment: 1 } },
  });
  return count > 0;
};

export const removeRegistry = async (tx: Tx, id: string): Promise<void> => {
  await tx.registry.update({ where: { id }, data: { removedAt: new Date() } });
};
