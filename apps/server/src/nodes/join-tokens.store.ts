import type { JoinTokenView } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { z } from 'zod';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';

type View = z.infer<typeof JoinTokenView>;
type Row = Omit<Awaited<ReturnType<Tx['joinToken']['create']>>, 'hash' | 'projectId' | 'revokedAt'>;

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

type ListRow = Row & { projectPath: string };

/** A page of the tokens of these projects that still work, newest first unless asked otherwise. */
export const pageOfWorkingTokens = async (db: Tx, projectIds: string[], query: PageQuery, now: Date) => {
  const rows = Prisma.sql`
    SELECT t.id, t.description, t.labels, t."nodeId", t."usesLeft", t."createdBy", t."createdAt", t."expiresAt",
      p.path AS "projectPath"
    FROM "JoinToken" t JOIN "Project" p ON p.id = t."projectId"
    WHERE t."revokedAt" IS NULL AND t."usesLeft" > 0 AND t."expiresAt" > ${now} AND p.id = ANY(${projectIds}::uuid[])`;
  const page = await pageOfRows<ListRow>(
    db,
    {
      rows,
      search: ['description', 'createdBy', 'projectPath'],
      sorts: {
        createdAt: ['createdAt', 'timestamptz'],
        expiresAt: ['expiresAt', 'timestamptz'],
        description: ['description', 'text'],
        project: ['projectPath', 'text'],
      },
      usual: ['createdAt', 'desc'],
    },
    query,
  );
  return { ...page, items: page.items.map((row) => viewOf(row, row.projectPath)) };
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
