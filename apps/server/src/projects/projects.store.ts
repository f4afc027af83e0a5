import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';

export type ProjectRow = {
  id: string;
  path: string;
  displayName: string;
  parentId: string | null;
  version: number;
  portFrom: number;
  portTo: number;
  createdAt: Date;
};

const missing = (what: string): DomainError =>
  new DomainError('not-found', `There is no project ${what}.`, { hint: 'See the projects you may use.' });

/** A project by path or id. Throws `not-found`. */
export const getProject = async (db: Tx, pathOrId: string): Promise<ProjectRow> => {
  const where = pathOrId.startsWith('/') ? { path: pathOrId } : { id: pathOrId };
  const row = await db.project.findFirst({ where: { ...where, removedAt: null } });
  if (!row) throw missing(pathOrId);
  return row;
};

/** Every project, by path. */
export const listProjects = (db: Tx): Promise<ProjectRow[]> =>
  db.project.findMany({ where: { removedAt: null }, orderBy: { path: 'asc' } });

/** Ids of the project at `path` and of all below it. */
export const projectIdsWithin = async (db: Tx, path: string): Promise<string[]> => {
  const below = path === '/' ? '/' : `${path}/`;
  const rows = await db.project.findMany({
    where: { removedAt: null, OR: [{ path }, { path: { startsWith: below } }] },
    select: { id: true },
  });
  return rows.map(({ id }) => id);
};

/** A project and everything above it: whose registries, configs and secrets it may use, nearest first. */
export const lineage = async (db: Tx, path: string): Promise<ProjectRow[]> => {
  const parts = path === '/' ? [] : path.slice(1).split('/');
  const paths = ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
  const rows = await db.project.findMany({ where: { path: { in: paths }, removedAt: null } });
  return rows.sort((a, b) => b.path.length - a.path.length);
};
