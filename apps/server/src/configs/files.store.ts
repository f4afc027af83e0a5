import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { SEALED } from '../agents/sealed.ts';
import type { Tx } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';

export type FileKind = 'config' | 'secret';
export type FileRow = {
  id: string;
  kind: string;
  projectId: string;
  projectPath: string;
  stackId: string | null;
  name: string;
  version: number;
  size: number;
  createdAt: Date;
  changedAt: Date;
  changedBy: string;
};

const fileRows = (kind: FileKind, where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT f.id, f.kind, f."projectId", p.path AS "projectPath", f."stackId", f.name, f.version, f."createdAt",
    coalesce(v.size, 0) AS size, coalesce(v."createdAt", f."createdAt") AS "changedAt",
    coalesce(v."createdBy", '') AS "changedBy"
  FROM "StoredFile" f JOIN "Project" p ON p.id = f."projectId"
    LEFT JOIN "StoredFileVersion" v ON v."fileId" = f.id AND v.version = f.version
  WHERE f."removedAt" IS NULL AND f.kind = ${kind} AND ${where}`;

/** A page of the configs or secrets of these projects. */
export const pageOfFiles = (db: Tx, kind: FileKind, projectIds: string[], query: PageQuery) =>
  pageOfRows<FileRow>(
    db,
    {
      rows: fileRows(kind, Prisma.sql`f."projectId" = ANY(${projectIds}::uuid[])`),
      search: ['name', 'projectPath'],
      sorts: {
        name: ['name', 'text'],
        project: ['projectPath', 'text'],
        changedAt: ['changedAt', 'timestamptz'],
        size: ['size', 'int'],
      },
      usual: ['name', 'asc'],
    },
    query,
  );

/** Throws `not-found`. */
export const getFile = async (db: Tx, kind: FileKind, id: string): Promise<FileRow> => {
  const [row] = await db.$queryRaw<FileRow[]>(fileRows(kind, Prisma.sql`f.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', `There is no such ${kind}.`);
};

const sealedVersion = (
  keys: ClusterKeys,
  fileId: string,
  version: number,
  content: string,
  createdBy: string,
) => ({
  id: uuid(),
  fileId,
  version,
  sealed: keys.seal(content, SEALED.file(fileId, version)),
  size: Buffer.from(content, 'base64').length,
  createdBy,
});

export type NewFile = { kind: FileKind; projectId: string; name: string; content: string; createdBy: string };

/** Makes a file with its first version; `content` is base64. Throws `conflict.name`. */
export const createFile = async (tx: Tx, keys: ClusterKeys, file: NewFile): Promise<string> => {
  const { content, createdBy, ...row } = file;
  const id = uuid();
  await tx.storedFile.create({ data: { id, ...row } }).catch((error: unknown) => {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError('conflict.name', `There is a ${file.kind} ${file.name} in this project already.`, {
      hint: 'Give it a new version instead, or choose another name.',
    });
  });
  await tx.storedFileVersion.create({ data: sealedVersion(keys, id, 1, content, createdBy) });
  return id;
};

/** Adds a version after `version`, if that still is the newest; answers its number, undefined when it is not. */
export const addFileVersion = async (
  tx: Tx,
  keys: ClusterKeys,
  id: string,
  version: number,
  next: { content: string; createdBy: string },
): Promise<number | undefined> => {
  const { count } = await tx.storedFile.updateMany({
    where: { id, version, removedAt: null },
    data: { version: { increment: 1 } },
  });
  if (count === 0) return undefined;
  const { content, createdBy } = next;
  await tx.storedFileVersion.create({ data: sealedVersion(keys, id, version + 1, content, createdBy) });
  return version + 1;
};

/** Content of a version, base64. Throws `not-found`. */
export const readFileContent = async (
  db: Tx,
  keys: ClusterKeys,
  id: string,
  version: number,
): Promise<string> => {
  const row = await db.storedFileVersion.findUnique({ where: { fileId_version: { fileId: id, version } } });
  if (!row) throw new DomainError('not-found', `There is no version ${version}.`);
  return keys.unseal(row.sealed, SEALED.file(id, version));
};

/** Takes a file out of the lists; its versions stay as long as revisions name them. */
export const removeFile = async (tx: Tx, id: string): Promise<void> => {
  await tx.storedFile.update({ where: { id }, data: { removedAt: new Date() } });
};
