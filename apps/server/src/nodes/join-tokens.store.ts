import type { JoinTokenView } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { z } from 'zod';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';

type View = z.infer<typeof JoinTokenView>;
type Row = Awaited<ReturnType<Tx['joinToken']['create']>>;

const viewOf = (row: Row, projectPath: string): View => ({
  id: row.id,
  description: row.description,
  projectPath,
  labels: row.labels as Record<string, string>,
  nodeId: row.nodeId,
  usesLeft: row.usesLeft,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
});

type NewJoinToken = {
  id: string;
  hash: string;
  description: string;
  projectId: string;
  projectPath: string;
  labels: Record<string, string>;
  nodeId: string | undefined;
  uses: number;
  expiresAt: Date;
  createdBy: string;
};

export const createJoinToken = async (tx: Tx, token: NewJoinToken): Promise<View> => {
  const { uses, projectPath, nodeId, ...data } = token;
  const row = await tx.joinToken.create({ data: { ...data, nodeId: nodeId ?? null, usesLeft: uses } });
  await publishChange(tx, { kind: 'token', ids: [row.id] });
  return viewOf(row, projectPath);
};

/** Tokens that still work, newest first. */
export const workingTokens = async (db: Tx, now: Date): Promise<View[]> => {
  const rows = await db.joinToken.findMany({
    where: { revokedAt: null, usesLeft: { gt: 0 }, expiresAt: { gt: now } },
    orderBy: { createdAt: 'desc' },
  });
  const projects = await db.project.findMany({
    where: { id: { in: rows.map(({ projectId }) => projectId) } },
  });
  const paths = new Map(projects.map(({ id, path }) => [id, path]));
  return rows.map((row) => viewOf(row, paths.get(row.projectId) ?? '/'));
};

/** The token with its project's path; throws `not-found`. */
export const getJoinToken = async (db: Tx, id: string): Promise<View> => {
  const row = await db.joinToken.findUnique({ where: { id } });
  if (!row) throw new DomainError('not-found', 'There is no such join token.');
  const project = await db.project.findUniqueOrThrow({ where: { id: row.projectId } });
  return viewOf(row, project.path);
};

export const revokeJoinToken = async (tx: Tx, id: string): Promise<void> => {
  await tx.joinToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
  await publishChange(tx, { kind: 'token', ids: [id] });
};
