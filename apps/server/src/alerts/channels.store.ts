import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { Target } from './send.ts';

export const channelContext = (id: string): string => `alert-channel:${id}`;

/** Where a channel sends, its credentials opened. */
export const targetOf = (row: { id: string; sealedTarget: string }, keys: ClusterKeys): Target =>
  JSON.parse(keys.unseal(row.sealedTarget, channelContext(row.id))) as Target;

/** What a list may show of it: never a password or a secret. */
export const shownTarget = (target: Target): string =>
  target.kind === 'email' ? target.to : new URL(target.url).origin;

export type ChannelRow = {
  id: string;
  kind: string;
  name: string;
  sealedTarget: string;
  enabled: boolean;
  /** What the last try at a delivery ended with; empty when it went well. */
  lastError: string;
};

const channelRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT c.id, c.kind, c.name, c."sealedTarget", c.enabled, c."createdAt", coalesce((
    SELECT d."lastError" FROM "AlertDelivery" d
    WHERE d."channelId" = c.id AND (d.tries > 0 OR d."sentAt" IS NOT NULL)
    ORDER BY d."nextTryAt" DESC LIMIT 1), '') AS "lastError"
  FROM "AlertChannel" c WHERE c."removedAt" IS NULL AND ${where}`;

/** A page of the channels, by name unless asked otherwise. */
export const pageOfChannels = (db: Tx, query: PageQuery) =>
  pageOfRows<ChannelRow>(
    db,
    {
      rows: channelRows(Prisma.sql`true`),
      search: ['name', 'kind'],
      sorts: { name: ['name', 'text'], kind: ['kind', 'text'], createdAt: ['createdAt', 'timestamptz'] },
      usual: ['name', 'asc'],
    },
    query,
  );

/** Throws `not-found`. */
export const getChannel = async (db: Tx, id: string): Promise<ChannelRow> => {
  const [row] = await db.$queryRaw<ChannelRow[]>(channelRows(Prisma.sql`c.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', 'There is no such channel.');
};

export const createChannel = async (
  tx: Tx,
  channel: { id: string; kind: string; name: string; sealedTarget: string },
): Promise<void> => {
  await tx.alertChannel.create({ data: channel });
};

export const removeChannel = async (tx: Tx, id: string): Promise<void> => {
  await tx.alertChannel.update({ where: { id }, data: { removedAt: new Date() } });
};
