import type { EXPLAINED_KINDS } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';

export type ObjectKind = (typeof EXPLAINED_KINDS)[number];
export type ObjectPlace = { name: string; projectPath: string };

const OF_SERVICE = Prisma.sql`JOIN "Service" s ON s.id = o."serviceId" JOIN "Stack" k ON k.id = s."stackId"
  JOIN "Project" p ON p.id = k."projectId"`;
const OWN_PROJECT = Prisma.sql`JOIN "Project" p ON p.id = o."projectId"`;
const standing = Prisma.sql`o."removedAt" IS NULL`;

/** Each kind: its rows `o` with their project `p`, and what they are called. */
const PLACES: Record<ObjectKind, Prisma.Sql> = {
  project: Prisma.sql`SELECT o.path AS name, o.path AS "projectPath" FROM "Project" o WHERE ${standing} AND o.id`,
  stack: Prisma.sql`SELECT o.name, p.path AS "projectPath" FROM "Stack" o ${OWN_PROJECT} WHERE ${standing} AND o.id`,
  service: Prisma.sql`SELECT k.name || '/' || o.name AS name, p.path AS "projectPath" FROM "Service" o
    JOIN "Stack" k ON k.id = o."stackId" JOIN "Project" p ON p.id = k."projectId" WHERE ${standing} AND o.id`,
  task: Prisma.sql`SELECT k.name || '/' || s.name || '.' || o.slot AS name, p.path AS "projectPath" FROM "Task" o
    ${OF_SERVICE} WHERE o.id`,
  rollout: Prisma.sql`SELECT k.name || '/' || s.name || ' #' || o.number AS name, p.path AS "projectPath" FROM "Rollout" o
    ${OF_SERVICE} WHERE o.id`,
  node: Prisma.sql`SELECT o.name, p.path AS "projectPath" FROM "Node" o ${OWN_PROJECT} WHERE ${standing} AND o.id`,
  config: Prisma.sql`SELECT o.name, p.path AS "projectPath" FROM "StoredFile" o ${OWN_PROJECT}
    WHERE ${standing} AND o.kind = 'config' AND o.id`,
  secret: Prisma.sql`SELECT o.name, p.path AS "projectPath" FROM "StoredFile" o ${OWN_PROJECT}
    WHERE ${standing} AND o.kind = 'secret' AND o.id`,
  network: Prisma.sql`SELECT o.name, p.path AS "projectPath" FROM "Network" o ${OWN_PROJECT} WHERE ${standing} AND o.id`,
  volume: Prisma.sql`SELECT o.name, p.path AS "projectPath" FROM "Volume" o ${OWN_PROJECT} WHERE ${standing} AND o.id`,
  registry: Prisma.sql`SELECT o.host AS name, p.path AS "projectPath" FROM "Registry" o ${OWN_PROJECT} WHERE ${standing} AND o.id`,
  'service-account': Prisma.sql`SELECT o.name, p.path AS "projectPath" FROM "User" o ${OWN_PROJECT}
    WHERE o.kind = 'service' AND p."removedAt" IS NULL AND o.id`,
};

/** What an object is called and in which project it is. Throws `not-found`. */
export const placeOfObject = async (db: Tx, kind: ObjectKind, id: string): Promise<ObjectPlace> => {
  const [row] = await db.$queryRaw<ObjectPlace[]>`${PLACES[kind]} = ${id}::uuid`;
  if (row) return row;
  throw new DomainError('not-found', `There is no such ${kind.replace('-', ' ')}.`);
};

/** Recovery administrators who can sign in. */
export const administratorsOf = (db: Tx): Promise<{ id: string; name: string }[]> => db.$queryRaw`
  SELECT id, name FROM "User" WHERE administrator AND "disabledAt" IS NULL ORDER BY name COLLATE "C"`;

export type ExplainedAccount = {
  id: string;
  name: string;
  displayName: string;
  administrator: boolean;
  disabled: boolean;
};

/** Any account, of a person or a program. Throws `not-found`. */
export const getExplainedAccount = async (db: Tx, id: string): Promise<ExplainedAccount> => {
  const [row] = await db.$queryRaw<ExplainedAccount[]>`
    SELECT id, name, "displayName", administrator, "disabledAt" IS NOT NULL AS disabled FROM "User"
    WHERE id = ${id}::uuid`;
  if (row) return row;
  throw new DomainError('not-found', 'There is no such account.');
};
