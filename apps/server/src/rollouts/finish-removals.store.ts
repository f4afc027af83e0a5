import { raiseGenerations } from '../agents/generation.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';

/**
 * Ends services whose last task is over, and the stacks of which nothing is left: their networks and the configs and
 * secrets that came with their file go with them. Volumes stay until someone removes them.
 */
export const finishRemovals = async (tx: Tx, serviceIds: readonly string[], now: Date): Promise<void> => {
  if (serviceIds.length === 0) return;
  await tx.service.updateMany({
    where: { id: { in: [...serviceIds] }, desired: 'removed' },
    data: { removedAt: now, wakeAt: null, waitingOn: [], next: '' },
  });
  const stacks = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Stack" k SET "removedAt" = ${now}, state = 'removed'
    WHERE k.state = 'removing' AND k."removedAt" IS NULL
      AND k.id IN (SELECT "stackId" FROM "Service" WHERE id = ANY(${[...serviceIds]}::uuid[]))
      AND NOT EXISTS (SELECT 1 FROM "Service" s WHERE s."stackId" = k.id AND s."removedAt" IS NULL)
    RETURNING k.id`;
  if (stacks.length === 0) return;
  const ids = stacks.map(({ id }) => id);
  await removeStackObjects(tx, ids, now);
  await publishChange(tx, { kind: 'stack', ids }, { kind: 'network', ids: [] }, { kind: 'volume', ids: [] });
};

/** Hosts with a bridge of these stacks. */
const hostsOf = async (tx: Tx, stackIds: readonly string[]): Promise<string[]> => {
  const rows = await tx.$queryRaw<{ nodeId: string }[]>`
    SELECT DISTINCT a."nodeId" FROM "Address" a JOIN "Network" n ON n.id = a."networkId"
    WHERE n."stackId" = ANY(${[...stackIds]}::uuid[]) AND a."nodeId" IS NOT NULL`;
  return rows.map(({ nodeId }) => nodeId);
};

/**
 * What goes with a stack. Volumes that never reached a host hold no data and go too. Hosts hear of it at once: else
 * they would keep its networks, and the subnets that the next stack gets, until something else is deployed there.
 */
export const removeStackObjects = async (tx: Tx, stackIds: readonly string[], now: Date): Promise<void> => {
  const stackId = { in: [...stackIds] };
  await raiseGenerations(tx, { nodeIds: await hostsOf(tx, stackIds) });
  await tx.network.deleteMany({ where: { stackId } });
  await tx.storedFile.updateMany({ where: { stackId, removedAt: null }, data: { removedAt: now } });
  await tx.volume.updateMany({ where: { stackId, nodeId: null, removedAt: null }, data: { removedAt: now } });
};
