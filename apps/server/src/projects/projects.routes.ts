import { type ProjectView, projectRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { Mount } from '../platform/http/http.ts';
import { getProject, listProjects, type ProjectRow } from './projects.store.ts';

type Counts = { id: string; stacks: number; nodes: number };

const counts = async (db: Tx): Promise<ReadonlyMap<string, Counts>> => {
  const rows = await db.$queryRaw<Counts[]>`
    SELECT p.id, (SELECT count(*)::int FROM "Stack" k WHERE k."projectId" = p.id AND k."removedAt" IS NULL) AS stacks,
      (SELECT count(*)::int FROM "Node" n WHERE n."projectId" = p.id AND n."removedAt" IS NULL) AS nodes
    FROM "Project" p WHERE p."removedAt" IS NULL`;
  return new Map(rows.map((row) => [row.id, row]));
};

const viewOf = (row: ProjectRow, count: Counts | undefined): ProjectView => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  stacks: count?.stacks ?? 0,
  nodes: count?.nodes ?? 0,
});

const requireRange = (from: number, to: number): void => {
  if (from <= to) return;
  throw new DomainError(
    'request.invalid',
    `The ports ${from}–${to} are no range: the first is above the last.`,
  );
};

const parentOf = async (db: Tx, path: string): Promise<ProjectRow> => {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  return getProject(db, parent).catch(() => {
    throw new DomainError('not-found', `There is no project ${parent} to make ${path} in.`, {
      hint: `Make ${parent} first.`,
    });
  });
};

/** The tree of projects. */
export const mountProjectRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  const view = async (id: string) => viewOf(await getProject(db, id), (await counts(db)).get(id));

  mount(projectRoutes.list, async ({ ctx }) => {
    const [rows, count] = await Promise.all([listProjects(db), counts(db)]);
    const mine = rows.filter(({ path }) => ctx.may('project.read', path));
    return { items: mine.map((row) => viewOf(row, count.get(row.id))) };
  });
  mount(projectRoutes.get, async ({ params, ctx }) => {
    const row = await getProject(db, params.id);
    ctx.authorize('project.read', row.path);
    return viewOf(row, (await counts(db)).get(row.id));
  });
  mount(
    projectRoutes.create,
    async ({ body, ctx }) => {
      if (body.path === '/') throw new DomainError('conflict.name', 'The project / is there already.');
      const parent = await parentOf(db, body.path);
      ctx.authorize('project.edit', parent.path);
      const { path, displayName, portFrom = parent.portFrom, portTo = parent.portTo } = body;
      requireRange(portFrom, portTo);
      const id = uuid();
      await database
        .transaction(async (tx) => {
          await tx.project.create({ data: { id, path, parentId: parent.id, displayName, portFrom, portTo } });
          await recordAudit(tx, ctx, {
            action: 'project.create',
            object: { kind: 'project', id, name: path },
            projectPath: path,
          });
          await publishChange(tx, { kind: 'project', ids: [id, parent.id] });
        })
        .catch((error) => {
          if (!isUniqueViolation(error)) throw error;
          throw new DomainError('conflict.name', `There is a project ${path} already.`);
        });
      return view(id);
    },
    { project: 'resolved' },
  );
  mount(projectRoutes.edit, async ({ params, body, ctx, version }) => {
    const row = await getProject(db, params.id);
    ctx.authorize('project.edit', row.path);
    requireRange(body.portFrom ?? row.portFrom, body.portTo ?? row.portTo);
    await database.transaction(async (tx) => {
      const { count } = await tx.project.updateMany({
        where: { id: row.id, version, removedAt: null },
        data: { ...body, version: { increment: 1 } },
      });
      if (count === 0)
        throw new DomainError('conflict.version', `Someone else changed ${row.path} meanwhile.`, {
          hint: 'Load it again and repeat your change.',
        });
      await recordAudit(tx, ctx, {
        action: 'project.edit',
        object: { kind: 'project', id: row.id, name: row.path },
        projectPath: row.path,
        detail: body,
      });
      await publishChange(tx, { kind: 'project', ids: [row.id] });
    });
    return view(row.id);
  });
  mount(projectRoutes.remove, async ({ params, ctx }) => {
    const row = await getProject(db, params.id);
    ctx.authorize('project.edit', row.path);
    await database.transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM "Project" WHERE id = ${row.id}::uuid FOR UPDATE`;
      const [inside] = await tx.$queryRaw<{ what: string }[]>`
        SELECT 'the stack ' || name AS what FROM "Stack" WHERE "projectId" = ${row.id}::uuid AND "removedAt" IS NULL
        UNION ALL SELECT 'the node ' || name FROM "Node" WHERE "projectId" = ${row.id}::uuid AND "removedAt" IS NULL
        UNION ALL SELECT 'the project ' || path FROM "Project" WHERE "parentId" = ${row.id}::uuid AND "removedAt" IS NULL
        UNION ALL SELECT 'the volume ' || name FROM "Volume" WHERE "projectId" = ${row.id}::uuid AND "removedAt" IS NULL
        LIMIT 1`;
      if (inside || row.path === '/')
        throw new DomainError(
          'in-use',
          `The project ${row.path} is not empty: it has ${inside?.what ?? 'the cluster'}.`,
          {
            hint: 'Move or remove what is in it first.',
          },
        );
      await tx.project.update({ where: { id: row.id }, data: { removedAt: new Date() } });
      await recordAudit(tx, ctx, {
        action: 'project.remove',
        object: { kind: 'project', id: row.id, name: row.path },
        projectPath: row.path,
      });
      await publishChange(tx, { kind: 'project', ids: [row.id] });
    });
    return null;
  });
};
