import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { readSettings } from '../platform/cluster/settings.store.ts';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import { contains, formatRange, nextSubnet, nextVni, overlaps, parseRange, type Range } from './subnets.ts';

export type NewNetwork = { id?: string; name: string; internal: boolean; subnet?: string | undefined };

/** Two applies at once would cut the same piece of the pool; the second waits here for the first's end. */
const POOL_LOCK = 7_400_004;

const wantedSubnet = (network: NewNetwork, pool: Range, taken: readonly Range[]): Range | undefined => {
  if (network.subnet === undefined) return undefined;
  const wanted = parseRange(network.subnet);
  // Routes of a subnet elsewhere would take a host's own network, or another's, away from it.
  if (!contains(pool, wanted))
    throw new DomainError(
      'plan.refused',
      `The subnet ${network.subnet} of the network “${network.name}” is not within the address pool ${formatRange(pool)}.`,
      { hint: 'Leave it out: the address pool has a free one.' },
    );
  if (!taken.some((range) => overlaps(range, wanted))) return wanted;
  throw new DomainError(
    'conflict.state',
    `The subnet ${network.subnet} of the network “${network.name}” is taken.`,
    {
      hint: 'Leave it out: the address pool has a free one.',
    },
  );
};

/** Gives each new network of a stack its subnet and its VXLAN number. */
export const createNetworks = async (
  tx: Tx,
  stack: { id: string; projectId: string },
  networks: readonly NewNetwork[],
): Promise<{ id: string; name: string }[]> => {
  if (networks.length === 0) return [];
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${POOL_LOCK})`;
  const pool = parseRange((await readSettings(tx)).addressPool);
  const known = await tx.network.findMany({ select: { vni: true, subnet: true } });
  const taken = known.map(({ subnet }) => parseRange(subnet));
  const numbers = new Set(known.map(({ vni }) => vni));
  let { lastSubnet, lastVni } = await tx.cluster.findFirstOrThrow();
  const rows = networks.map((network) => {
    const last = lastSubnet === null ? undefined : parseRange(lastSubnet);
    const subnet = wantedSubnet(network, pool, taken) ?? nextSubnet(pool, taken, last);
    const vni = nextVni(numbers, lastVni ?? undefined);
    taken.push(subnet);
    numbers.add(vni);
    lastSubnet = formatRange(subnet);
    lastVni = vni;
    const { name, internal } = network;
    return { id: network.id ?? uuid(), ...ofStack(stack), name, internal, vni, subnet: lastSubnet };
  });
  await tx.network.createMany({ data: rows });
  await tx.cluster.updateMany({ data: { lastSubnet, lastVni } });
  return rows;
};

const ofStack = (stack: { id: string; projectId: string }) => ({
  stackId: stack.id,
  projectId: stack.projectId,
});

export type NetworkListRow = {
  id: string;
  name: string;
  stackName: string;
  projectPath: string;
  subnet: string;
  vni: number;
  internal: boolean;
  nodes: number;
  addresses: number;
  createdAt: Date;
};

const networkRows = (where: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT w.id, w.name, k.name AS "stackName", k.name || '/' || w.name AS "fullName", p.path AS "projectPath",
    w.subnet, w.vni, w.internal, w."createdAt", count(a."nodeId")::int AS nodes, count(a."taskId")::int AS addresses
  FROM "Network" w JOIN "Stack" k ON k.id = w."stackId" JOIN "Project" p ON p.id = w."projectId"
    LEFT JOIN "Address" a ON a."networkId" = w.id
  WHERE w."removedAt" IS NULL AND ${where} GROUP BY w.id, k.id, p.id`;

/** A page of the networks of these projects. */
export const pageOfNetworks = (db: Tx, projectIds: string[], query: PageQuery) =>
  pageOfRows<NetworkListRow>(
    db,
    {
      rows: networkRows(Prisma.sql`w."projectId" = ANY(${projectIds}::uuid[])`),
      search: ['name', 'stackName', 'subnet'],
      sorts: {
        name: ['fullName', 'text'],
        subnet: ['subnet', 'text'],
        addresses: ['addresses', 'int'],
        createdAt: ['createdAt', 'timestamptz'],
      },
      usual: ['name', 'asc'],
    },
    query,
  );

/** Throws `not-found`. */
export const getNetwork = async (db: Tx, id: string): Promise<NetworkListRow> => {
  const [row] = await db.$queryRaw<NetworkListRow[]>(networkRows(Prisma.sql`w.id = ${id}::uuid`));
  if (row) return row;
  throw new DomainError('not-found', 'There is no such network.');
};

/** Addresses that tasks still hold, ended ones at rest too. */
export const heldAddresses = (db: Tx, networkId: string): Promise<number> =>
  db.address.count({ where: { networkId, taskId: { not: null } } });

export const deleteNetwork = async (tx: Tx, id: string): Promise<void> => {
  await tx.network.delete({ where: { id } });
};
