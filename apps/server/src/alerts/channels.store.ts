import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { Target } from './send.ts';

export const channelContext = (id: string): string => `alert-channel:${id}`;

/** Where a channel sends, its credentials opened. */
export const targetOf = (row: { id: string; sealedTarget: string }, keys: ClusterKeys): Target =>
  JSON.parse(keys.unseal(row.sealedTarget, channelContext(row.id))) as Target;

/** What a list may show of it: never a password or a secret. */
export const shownTarget = (target: Target): string =>
  target.kind === 'email' ? target.to : new URL(target.url).origin;

export const createChannel = async (
  tx: Tx,
  channel: { id: string; kind: string; name: string; sealedTarget: string },
): Promise<void> => {
  await tx.alertChannel.create({ data: channel });
};

export const removeChannel = async (tx: Tx, id: string): Promise<void> => {
  await tx.alertChannel.update({ where: { id }, data: { removedAt: new Date() } });
};
