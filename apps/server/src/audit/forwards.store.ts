import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { SyslogTarget } from './syslog.ts';

export type ForwardTarget =
  | SyslogTarget
  | { kind: 'webhook'; url: string; secret: string; allowPrivateAddress: boolean };

export const forwardContext = (id: string): string => `audit-forward:${id}`;

export const forwardTarget = (row: { id: string; sealedTarget: string }, keys: ClusterKeys): ForwardTarget =>
  JSON.parse(keys.unseal(row.sealedTarget, forwardContext(row.id))) as ForwardTarget;

/** What a list may show of it: never a secret. */
export const shownForward = (target: ForwardTarget): string =>
  target.kind === 'syslog' ? `${target.host}:${target.port}` : new URL(target.url).origin;

export type ForwardRow = {
  id: string;
  kind: string;
  name: string;
  sealedTarget: string;
  enabled: boolean;
  sentSequence: bigint;
  tries: number;
  nextTryAt: Date;
  lastSentAt: Date | null;
  lastError: string;
  createdAt: Date;
};

const forwardRows = (where: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`SELECT f.* FROM "AuditForward" f WHERE f."removedAt" IS NULL AND ${where}`;

/** A page of where the audit is sent to, by name unless asked otherwise. */
export const pageOfForwards = (db: Tx, query: PageQuery) =>
  pageOfRows<ForwardRow>(
    db,
    {
      rows: forwardRows(Prisma.sql`true`),
      search: ['name', 'kind'],
      sorts: { name: ['name', 'text'], kind: ['kind', 'text'], createdAt: ['createdAt', 'timestamptz'] },
      usual: ['name', 'asc'],
    },
    query,
  );

/** Throws `not-found`. */
export const getForward = async (db: Tx, id: string): Promise<ForwardRow> => {
  const [row] = await db.$queryRaw<ForwardRow[]>(forwardRows(Prisma.sql`f.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', 'The audit is sent to no such place.', {
    hint: 'See the list of those that there are.',
  });
};

export const createForward = async (
  tx: Tx,
  forward: { id: string; kind: string; name: string; sealedTarget: string; sentSequence: bigint },
): Promise<void> => {
  await tx.auditForward.create({ data: forward });
};

export const switchForward = async (tx: Tx, id: string, enabled: boolean, now: Date): Promise<void> => {
  await tx.auditForward.update({ where: { id }, data: { enabled, tries: 0, nextTryAt: now } });
};

export const removeForward = async (tx: Tx, id: string): Promise<void> => {
  await tx.auditForward.update({ where: { id }, data: { removedAt: new Date() } });
};

/** Those whose time has come. */
export const dueForwards = (db: Tx, now: Date): Promise<ForwardRow[]> =>
  db.$queryRaw<ForwardRow[]>(forwardRows(Prisma.sql`f.enabled AND f."nextTryAt" <= ${now}`));

/** Of two servers that sent the same, the second moves nothing. */
export const storeSent = async (db: Tx, id: string, from: bigint, to: bigint, now: Date): Promise<void> => {
  await db.auditForward.updateMany({
    where: { id, sentSequence: from },
    data: { sentSequence: to, tries: 0, lastError: '', lastSentAt: now, nextTryAt: now },
  });
};

export const storeFailure = async (
  db: Tx,
  { id, tries }: Pick<ForwardRow, 'id' | 'tries'>,
  lastError: string,
  nextTryAt: Date,
): Promise<void> => {
  await db.auditForward.updateMany({ where: { id }, data: { tries: tries + 1, lastError, nextTryAt } });
};

/** How far every place that is sent to has got; undefined where there is none. */
export const leastSent = async (db: Tx): Promise<{ name: string; sequence: bigint } | undefined> => {
  const row = await db.auditForward.findFirst({
    where: { enabled: true, removedAt: null },
    orderBy: { sentSequence: 'asc' },
  });
  return row ? { name: row.name, sequence: row.sentSequence } : undefined;
};
