import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { Target } from './send.ts';

export const channelContext = (id: string): string => `alert-channel:${id}`;

/** Where a channel sends, its credentials opened. */
export const targetOf = (row: { id: string; sealedTarget: string }, keys: ClusterKeys): Target =>
  JSON.parse(keys.unseal(row.sealedTarget, channelContext(row.id))) as Target;

/** What a list may show of it: never a password or a secret. */
export const shownTarget = (target: Target): string =>
  target.kind === 'email' ? target.to : new URL(target.url).origin;
