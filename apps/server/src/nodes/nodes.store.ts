import type { Availability, NodeFacts, NodeState } from '@portreeve/domain';
import { DomainError } from '@portreeve/domain';
import { closeAlarm, violationKey } from '../agents/alarms.store.ts';
import { signalAgents } from '../agents/channel.ts';
import { raiseGenerations } from '../agents/generation.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';

/** A node with what its tasks reserve; `state` is as shown: `unknown` is derived from its lease. */
export type NodeRow = {
  id: string;
  name: string;
  projectId: string;
  projectPath: string;
  state: NodeState;
  availability: Availability;
  labels: Record<string, string>;
  facts: NodeFacts | null;
  hostAddress: string;
  local: boolean;
  version: number;
  generation: number;
  appliedGeneration: number;
  leaseUntil: Date | null;
  leavingUntil: Date | null;
  joinedAt: Date;
  lastSeenAt: Date | null;
  connectedTo: string | null;
  lastError: string;
  lastCloseReason: string;
  clockSkewMs: number | null;
  certificateExpiresAt: Date | null;
  tasks: number;
  cpus: number;
  memoryBytes: number;
};

/** Nodes that are not removed: all, those of some projects, or the one of an id. */
export const nodeRows = (
  db: Tx,
  { projectIds = null, id = null }: { projectIds?: readonly string[] | null; id?: string | null } = {},
): Promise<NodeRow[]> => db.$queryRaw<NodeRow[]>`
    SELECT n.id, n.name, n."projectId", p.path AS "projectPath", n.availability, n.labels, n.facts, n."hostAddress",
      n.local, n.version, n.generation, n."appliedGeneration", n."leaseUntil", n."leavingUntil", n."lastError",
      n."lastCloseReason", n."clockSkewMs", n."connectedTo", n."joinedAt",
      CASE WHEN n."leaseUntil" IS NULL AND s.id IS NOT NULL THEN s."seenAt" ELSE n."lastSeenAt" END AS "lastSeenAt",
      CASE WHEN n.state = 'ready' AND now() - n."lastSeenAt" > (n."leaseUntil" - n."lastSeenAt") / 2
        THEN 'unknown' ELSE n.state END AS state,
      (SELECT max(c."notAfter") FROM "NodeCertificate" c WHERE c."nodeId" = n.id AND c."revokedAt" IS NULL)
        AS "certificateExpiresAt",
      coalesce(t.tasks, 0)::int AS tasks, coalesce(t.cpus, 0)::float8 AS cpus,
      coalesce(t.memory, 0)::float8 AS "memoryBytes"
    FROM "Node" n JOIN "Project" p ON p.id = n."projectId"
    LEFT JOIN "Server" s ON s.id = n."connectedTo"
    LEFT JOIN (
      SELECT "nodeId", count(*) AS tasks, sum(cpus) AS cpus, sum("memoryBytes") AS memory FROM "Task"
      WHERE "nodeId" IS NOT NULL AND state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
      GROUP BY 1
    ) t ON t."nodeId" = n.id
    WHERE n."removedAt" IS NULL AND (${projectIds}::uuid[] IS NULL OR p.id = ANY(${projectIds}::uuid[]))
      AND (${id}::uuid IS NULL OR n.id = ${id}::uuid)
    ORDER BY n.name`;

/** Throws `not-found`. */
export const getNode = async (db: Tx, id: string): Promise<NodeRow> => {
  const [row] = await nodeRows(db, { id });
  if (row) return row;
  throw new DomainError('not-found', 'There is no such node.', {
    hint: 'It may have been removed; see Nodes.',
  });
};

/** Changes whether a node takes tasks; false when it is so already. */
export const setAvailability = async (tx: Tx, id: string, availability: Availability): Promise<boolean> => {
  const { count } = await tx.node.updateMany({
    where: { id, removedAt: null, availability: { not: availability } },
    data: { availability, version: { increment: 1 } },
  });
  if (count === 0) return false;
  await raiseGenerations(tx, { nodeIds: [id] });
  await publishChange(tx, { kind: 'node', ids: [id] });
  return true;
};

type NodeChange = { name?: string; labels?: Record<string, string>; projectId?: string };

/** Changes a node if it is still at `version`; throws `conflict.version` or `conflict.name`. */
export const editNode = async (tx: Tx, id: string, version: number, change: NodeChange): Promise<void> => {
  const { count } = await tx.node
    .updateMany({ where: { id, version, removedAt: null }, data: { ...change, version: { increment: 1 } } })
    .catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw new DomainError('conflict.name', `Another node is called "${change.name}".`, {
        hint: 'Names of nodes are unique in the cluster: choose another one.',
      });
    });
  if (count === 0)
    throw new DomainError('conflict.version', 'The node has changed since you looked at it.', {
      hint: 'Load it again and repeat your change.',
    });
  await publishChange(tx, { kind: 'node', ids: [id] });
};

/**
 * Removes a node: its certificates and the tokens made for it end at once, and other hosts forget its tasks. What ran
 * there is replaced by whoever reads its state.
 */
export const removeNode = async (tx: Tx, id: string): Promise<void> => {
  const now = new Date();
  const networks = await tx.address.findMany({ where: { nodeId: id }, select: { networkId: true } });
  await tx.node.update({
    where: { id },
    data: { state: 'removed', removedAt: now, connectedTo: null, version: { increment: 1 } },
  });
  await tx.nodeCertificate.updateMany({ where: { nodeId: id, revokedAt: null }, data: { revokedAt: now } });
  await tx.joinToken.updateMany({ where: { nodeId: id, revokedAt: null }, data: { revokedAt: now } });
  await tx.address.deleteMany({ where: { nodeId: id } });
  // Nobody will tell this host of its tasks any more, so what they hold may be given back as soon as they are over.
  await tx.task.updateMany({ where: { nodeId: id, collectedAt: null }, data: { collectedAt: now } });
  await raiseGenerations(tx, { nodeIds: [], networkIds: networks.map(({ networkId }) => networkId) });
  await closeAlarm(tx, violationKey(id));
  await signalAgents(tx, { kind: 'revoked', nodeIds: [id] });
  await publishChange(tx, { kind: 'node', ids: [id] });
};

/** When the drain that is under way began. */
export const drainBegan = async (db: Tx, nodeId: string): Promise<Date | undefined> => {
  const event = await db.event.findFirst({
    where: { nodeId, kind: 'node', data: { path: ['action'], equals: 'drain' } },
    orderBy: { at: 'desc' },
    select: { at: true },
  });
  return event?.at;
};

/** Tasks that were on the node and are over since then. */
export const movedSince = (db: Tx, nodeId: string, since: Date): Promise<number> =>
  db.task.count({ where: { nodeId, endedAt: { gte: since } } });
