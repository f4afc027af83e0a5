import type { Tx } from '../platform/db/database.ts';
import type { TaskNetwork } from '../stacks/rows.ts';
import { fromAddress, hostsOf, macOf, nextAddresses, parseRange } from './subnets.ts';

/** A task that comes to a node and joins networks there. */
export type Joining = {
  taskId: string;
  nodeId: string;
  networks: { networkId: string; aliases: string[] }[];
};

type Held = { networkId: string; address: string; taskId: string | null; nodeId: string | null };
type Given = { networkId: string; address: string; mac: string; taskId?: string; nodeId?: string };

/** What of a network is not given to anybody, and the hosts that have their address in it. */
export type NetworkRoom = { name: string; subnet: string; free: number; nodeIds: Set<string> };

/** How much room these networks have, by id. */
export const roomOnNetworks = async (
  db: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, NetworkRoom>> => {
  if (ids.length === 0) return new Map();
  const rows = await db.$queryRaw<
    { id: string; name: string; subnet: string; held: number; nodeIds: string[] }[]
  >`
    SELECT n.id, n.name, n.subnet, count(a.address)::int AS held,
      coalesce(array_agg(a."nodeId"::text) FILTER (WHERE a."nodeId" IS NOT NULL), '{}') AS "nodeIds"
    FROM "Network" n LEFT JOIN "Address" a ON a."networkId" = n.id WHERE n.id = ANY(${[...ids]}::uuid[]) GROUP BY n.id`;
  return new Map(
    rows.map(({ id, name, subnet, held, nodeIds }) => [
      id,
      { name, subnet, free: hostsOf(parseRange(subnet)) - held, nodeIds: new Set(nodeIds) },
    ]),
  );
};

/** How many addresses the tasks of each service have in these networks, by `network service`. */
export const addressesOfServices = async (
  db: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (ids.length === 0) return new Map();
  const rows = await db.$queryRaw<{ networkId: string; serviceId: string; count: number }[]>`
    SELECT a."networkId", t."serviceId", count(*)::int AS count FROM "Address" a JOIN "Task" t ON t.id = a."taskId"
    WHERE a."networkId" = ANY(${[...ids]}::uuid[]) GROUP BY 1, 2`;
  return new Map(rows.map(({ networkId, serviceId, count }) => [`${networkId} ${serviceId}`, count]));
};

const nodesOf = (joining: readonly Joining[], networkId: string): string[] => [
  ...new Set(
    joining.flatMap(({ nodeId, networks }) =>
      networks.some((network) => network.networkId === networkId) ? nodeId : [],
    ),
  ),
];

/** Addresses of one network for the tasks that join it, and for hosts that are new to it. */
const give = (
  network: { id: string; subnet: string },
  held: readonly Held[],
  joining: readonly Joining[],
): Given[] => {
  const present = new Set(held.flatMap(({ nodeId }) => nodeId ?? []));
  const gateways = nodesOf(joining, network.id).filter((nodeId) => !present.has(nodeId));
  const tasks = joining.filter(({ networks }) => networks.some(({ networkId }) => networkId === network.id));
  const last = held[0] ? fromAddress(held[0].address) : undefined;
  const addresses = nextAddresses(
    parseRange(network.subnet),
    new Set(held.map(({ address }) => fromAddress(address))),
    last,
    gateways.length + tasks.length,
  );
  return addresses.map((address, index) => ({
    networkId: network.id,
    address,
    mac: macOf(address),
    ...(index < gateways.length
      ? { nodeId: gateways[index] }
      : { taskId: tasks[index - gateways.length]?.taskId }),
  }));
};

/**
 * Reserves an address and MAC in every network that the tasks join, and a gateway address for each host that is
 * new to a network. Networks stay locked until the transaction ends, so that nobody gets the same address.
 */
export const reserveAddresses = async (
  tx: Tx,
  joining: readonly Joining[],
): Promise<ReadonlyMap<string, TaskNetwork[]>> => {
  const ids = [...new Set(joining.flatMap(({ networks }) => networks.map(({ networkId }) => networkId)))];
  if (ids.length === 0) return new Map();
  const networks = await tx.$queryRaw<{ id: string; subnet: string }[]>`
    SELECT id, subnet FROM "Network" WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  const held = await tx.$queryRaw<Held[]>`
    SELECT "networkId", address, "taskId", "nodeId" FROM "Address"
    WHERE "networkId" = ANY(${ids}::uuid[]) ORDER BY "createdAt" DESC, address::inet DESC`;
  const given = networks.flatMap((network) =>
    give(
      network,
      held.filter(({ networkId }) => networkId === network.id),
      joining,
    ),
  );
  await tx.address.createMany({ data: given });
  const macs = new Map(given.map((row) => [`${row.networkId} ${row.taskId}`, row]));
  return new Map(
    joining.map(({ taskId, networks: wanted }) => [
      taskId,
      wanted.flatMap(({ networkId, aliases }): TaskNetwork[] => {
        const row = macs.get(`${networkId} ${taskId}`);
        return row ? [{ networkId, address: row.address, mac: row.mac, aliases }] : [];
      }),
    ]),
  );
};

/**
 * Gives back the addresses of tasks that are over, and of hosts that were removed: where hosts come and go, a network
 * would be full of them one day. A lost task may still run on a host we cannot hear, so its address rests until that
 * host has been told to stop it, or was removed.
 */
export const releaseAddresses = (tx: Tx): PromiseLike<number> => tx.$executeRaw`
  DELETE FROM "Address" a WHERE a."nodeId" IN (SELECT id FROM "Node" WHERE "removedAt" IS NOT NULL)
  OR a."taskId" IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM "Task" t LEFT JOIN "Node" n ON n.id = t."nodeId" WHERE t.id = a."taskId" AND (
      t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
      OR (t."collectedAt" IS NULL AND CASE WHEN t.state = 'lost' THEN n."removedAt" IS NULL
        ELSE t."endedAt" > now() - interval '10 seconds' END)))`;
