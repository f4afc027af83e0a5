import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';

export type ProjectRow = {
  id: string;
  path: string;
  displayName: string;
  parentId: string | null;
  version: number;
  portFrom: number;
  portTo: number;
  hostPrivileges: string[];
  ownNodesOnly: boolean;
  recordTerminals: boolean;
  createdAt: Date;
};

const missing = (what: string, hint = 'See the projects you may use.'): DomainError =>
  new DomainError('not-found', `There is no project ${what}.`, { hint });

/** A project by path or id. Throws `not-found`. */
export const getProject = async (db: Tx, pathOrId: string): Promise<ProjectRow> => {
  const where = pathOrId.startsWith('/') ? { path: pathOrId } : { id: pathOrId };
  const row = await db.project.findFirst({ where: { ...where, removedAt: null } });
  if (!row) throw missing(pathOrId);
  return row;
};

export type ProjectListRow = ProjectRow & { stacks: number; nodes: number };

const listRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT p.id, p.path, p."displayName", p."parentId", p.version, p."portFrom", p."portTo",
    coalesce(p."hostPrivileges", ARRAY[]::text[]) AS "hostPrivileges",
    p."ownNodesOnly", p."recordTerminals", p."createdAt",
    (SELECT count(*)::int FROM "Stack" k WHERE k."projectId" = p.id AND k."removedAt" IS NULL) AS stacks,
    (SELECT count(*)::int FROM "Node" n WHERE n."projectId" = p.id AND n."removedAt" IS NULL) AS nodes
  FROM "Project" p WHERE p."removedAt" IS NULL AND ${where}`;

/** A page of the projects at these paths and of all below them, with how many stacks and nodes each has. */
export const pageOfProjects = async (db: Tx, scope: readonly string[], query: PageQuery) => {
  const ids = await projectIdsWithin(db, scope);
  return pageOfRows<ProjectListRow>(
    db,
    {
      rows: listRows(Prisma.sql`p.id = ANY(${ids}::uuid[])`),
      search: ['path', 'displayName'],
      sorts: {
        path: ['path', 'text'],
        stacks: ['stacks', 'int'],
        nodes: ['nodes', 'int'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['path', 'asc'],
    },
    query,
  );
};

/** A project with how many stacks and nodes it has. Throws `not-found`. */
export const getListedProject = async (db: Tx, id: string): Promise<ProjectListRow> => {
  const [row] = await db.$queryRaw<ProjectListRow[]>(listRows(Prisma.sql`p.id = ${id}::uuid`));
  if (!row) throw missing(id);
  return row;
};

/** Ids of the projects at these paths (`ctx.scope`) and of all below them. */
export const knownProjectIds = async (db: Tx, scope: readonly string[]): Promise<string[]> => {
  const within = scope.flatMap((path) => [
    { path },
    { path: { startsWith: path === '/' ? '/' : `${path}/` } },
  ]);
  const rows = await db.project.findMany({ where: { removedAt: null, OR: within }, select: { id: true } });
  return rows.map(({ id }) => id);
};

/** The same for a list; throws `not-found` where there is none: an empty list would say that nothing runs there. */
export const projectIdsWithin = async (db: Tx, scope: readonly string[]): Promise<string[]> => {
  const ids = await knownProjectIds(db, scope);
  if (ids.length === 0)
    throw missing(scope.join(' and '), 'Choose one of the projects there are, or / for everything.');
  return ids;
};

/** A project and everything above it: whose registries, configs and secrets it may use, nearest first. */
export const lineage = async (db: Tx, path: string): Promise<ProjectRow[]> => {
  const parts = path === '/' ? [] : path.slice(1).split('/');
  const paths = ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
  const rows = await db.project.findMany({ where: { path: { in: paths }, removedAt: null } });
  return rows.sort((a, b) => b.path.length - a.path.length);
};

type Editable = {
  displayName?: string | undefined;
  portFrom?: number | undefined;
  portTo?: number | undefined;
  hostPrivileges?: string[] | undefined;
  ownNodesOnly?: boolean | undefined;
  recordTerminals?: boolean | undefined;
};

export const createProject = async (
  tx: Tx,
  project: {
    id: string;
    path: string;
    parentId: string;
    displayName: string;
    portFrom: number;
    portTo: number;
  },
): Promise<void> => {
  await tx.project.create({ data: project });
};

/** Changes a project that still is at `version`; false when it is not. */
export const editProject = async (
  tx: Tx,
  id: string,
  version: number,
  change: Editable,
): Promise<boolean> => {
  const { count } = await tx.project.updateMany({
    where: { id, version, removedAt: null },
    data: { ...change, version: { increment: 1 } },
  });
  return count > 0;
};

/** Something that is still in a project, in words; the project stays locked until the transaction ends. */
export const contentOf = async (tx: Tx, id: string): Promise<string | undefined> => {
  await tx.$queryRaw`SELECT id FROM "Project" WHERE id = ${id}::uuid FOR UPDATE`;
  const [inside] = await tx.$queryRaw<{ what: string }[]>`
        SELECT 'the stack ' || name AS what FROM "Stack" WHERE "projectId" = ${id}::uuid AND "removedAt" IS NULL
        UNION ALL SELECT 'the node ' || name FROM "Node" WHERE "projectId" = ${id}::uuid AND "removedAt" IS NULL
        UNION ALL SELECT 'the project ' || path FROM "Project" WHERE "parentId" = ${id}::uuid AND "removedAt" IS NULL
        UNION ALL SELECT 'the volume ' || name FROM "Volume" WHERE "projectId" = ${id}::uuid AND "removedAt" IS NULL
        LIMIT 1`;
  return inside?.what;
};

export const removeProject = async (tx: Tx, id: string): Promise<void> => {
  await tx.project.update({ where: { id }, data: { removedAt: new Date() } });
};

/** Plans that were made before a project kept to its own nodes, or ceased to, are made again: those name the nodes' versions. */
export const raiseNodesAbove = async (tx: Tx, path: string): Promise<void> => {
  await tx.$executeRaw`
    UPDATE "Node" n SET version = n.version + 1 FROM "Project" p
    WHERE p.id = n."projectId" AND n."removedAt" IS NULL AND p.path <> ${path}
      AND (p.path = '/' OR starts_with(${path}, p.path || '/'))`;
};
