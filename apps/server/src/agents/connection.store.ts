import type { NodeFacts } from '@portreeve/domain';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import { signalAgents } from './channel.ts';
import { raiseGenerations } from './generation.store.ts';
import { asReached } from './host-address.ts';
import { tellReadinessOf } from './readiness.store.ts';

type CertificateRow = {
  nodeId: string;
  revoked: boolean;
  expires: Date;
};

/** The certificate with this serial, when this cluster issued it and its node is not removed. */
export const findCertificate = async (db: Tx, serial: string): Promise<CertificateRow | undefined> => {
  const row = await db.nodeCertificate.findUnique({
    where: { serial },
    include: { node: { select: { removedAt: true } } },
  });
  if (!row) return undefined;
  return {
    nodeId: row.nodeId,
    revoked: row.revokedAt !== null || row.node.removedAt !== null,
    expires: row.notAfter,
  };
};

/** Those of these certificates that are good no longer: revoked, or of a node that was removed. */
export const revokedAmong = async (db: Tx, serials: readonly string[]): Promise<string[]> => {
  if (serials.length === 0) return [];
  const rows = await db.$queryRaw<{ serial: string }[]>`
    SELECT c.serial FROM "NodeCertificate" c JOIN "Node" n ON n.id = c."nodeId"
    WHERE c.serial = ANY(${[...serials]}::text[]) AND (c."revokedAt" IS NOT NULL OR n."removedAt" IS NOT NULL)`;
  return rows.map(({ serial }) => serial);
};

type Opening = {
  nodeId: string;
  serverId: string;
  facts: NodeFacts;
  hostAddress: string;
  clockSkewMs: number;
  lastDisconnect: string | undefined;
};

type Opened = { generation: number; epoch: number };

/** Where agents find the servers: addresses that the settings name, then each server's own. */
export const agentAddresses = async (db: Tx): Promise<string[]> => {
  const [row] = await db.$queryRaw<{ named: string[] | null; own: string[] | null }[]>`
    SELECT c.settings->'agentAddresses' AS named, (SELECT json_agg(s."agentUrl" ORDER BY s."startedAt")
      FROM "Server" s WHERE s."seenAt" > now() - interval '1 minute' AND s."agentUrl" <> '') AS own
    FROM "Cluster" c`;
  return [...new Set([...(row?.named ?? []), ...(row?.own ?? [])])];
};

/**
 * Stores that a node's agent is connected here. A lost node becomes `returning` and gets a document without what was
 * taken from it; one whose facts or address changed is a different node to placement, so its version rises.
 */
export const openConnection = async (tx: Tx, opening: Opening): Promise<Opened | undefined> => {
  const { nodeId, serverId, hostAddress } = opening;
  const node = await tx.node.findUnique({
    where: { id: nodeId },
    select: { state: true, facts: true, hostAddress: true, removedAt: true },
  });
  if (!node || node.removedAt) return undefined;
  const returning = node.state === 'lost';
  const moved = hostAddress !== '' && hostAddress !== node.hostAddress;
  const facts = asReached(opening.facts, hostAddress || node.hostAddress);
  const factsChanged = !sameFacts(facts, node.facts);
  await tx.node.update({
    where: { id: nodeId },
    data: {
      connectedTo: serverId,
      lastSeenAt: new Date(),
      leaseUntil: null,
      leavingUntil: null,
      clockSkewMs: opening.clockSkewMs,
      lastError: '',
      ...(opening.lastDisconnect ? { lastCloseReason: opening.lastDisconnect.slice(0, 500) } : {}),
      ...(factsChanged ? { facts: facts as Prisma.InputJsonObject } : {}),
      ...(moved ? { hostAddress } : {}),
      ...(returning ? { state: 'returning', lostAt: null } : {}),
      ...(returning || factsChanged || moved ? { version: { increment: 1 } } : {}),
    },
    select: { id: true },
  });
  if (returning || moved) {
    const networks = await tx.address.findMany({ where: { nodeId }, select: { networkId: true } });
    await raiseGenerations(tx, { nodeIds: [nodeId], networkIds: networks.map(({ networkId }) => networkId) });
  } else if (isToldElse(facts, node.facts)) await raiseGenerations(tx, { nodeIds: [nodeId] });
  await signalAgents(tx, { kind: 'connected', nodeId, serverId });
  await publishChange(tx, { kind: 'node', ids: [nodeId] });
  const [opened] = await tx.$queryRaw<{ generation: number; epoch: number }[]>`
    SELECT n.generation, c.epoch FROM "Node" n, "Cluster" c WHERE n.id = ${nodeId}::uuid`;
  return opened;
};

/** Its document says whether its networks are joined with other hosts: one that can now has to hear it. */
const canJoin = (facts: Partial<NodeFacts> | null): boolean => facts?.crossHostNetworks?.able === true;

/** Whether these facts make another document: of its networks, or of what its agent learned or no longer knows. */
const isToldElse = (facts: NodeFacts, stored: unknown): boolean => {
  const before = stored as Partial<NodeFacts> | null;
  return canJoin(facts) !== canJoin(before) || `${facts.features}` !== `${before?.features ?? []}`;
};

const sameFacts = (facts: NodeFacts, stored: unknown): boolean =>
  JSON.stringify(stored) === JSON.stringify(sorted(facts, stored));

/** The database keeps keys of JSON in an order of its own; compared in that order equal facts are equal. */
const sorted = (value: unknown, like: unknown): unknown => {
  if (Array.isArray(value))
    return value.map((item, i) => sorted(item, Array.isArray(like) ? like[i] : undefined));
  if (typeof value !== 'object' || value === null) return value;
  const order = typeof like === 'object' && like !== null ? Object.keys(like) : [];
  const record = value as Record<string, unknown>;
  const keys = [
    ...order.filter((key) => key in record),
    ...Object.keys(record).filter((k) => !order.includes(k)),
  ];
  return Object.fromEntries(
    keys
      .filter((key) => record[key] !== undefined)
      .map((key) => [key, sorted(record[key], (like as Record<string, unknown> | null)?.[key])]),
  );
};

/** Stores changed facts of a connected node. */
export const storeFacts = async (tx: Tx, nodeId: string, said: NodeFacts): Promise<void> => {
  const node = await tx.node.findUnique({
    where: { id: nodeId },
    select: { facts: true, hostAddress: true },
  });
  if (!node) return;
  const facts = asReached(said, node.hostAddress);
  if (sameFacts(facts, node.facts)) return;
  await tx.node.update({
    where: { id: nodeId },
    data: { facts: facts as Prisma.InputJsonObject, version: { increment: 1 } },
  });
  if (isToldElse(facts, node.facts)) await raiseGenerations(tx, { nodeIds: [nodeId] });
  await publishChange(tx, { kind: 'node', ids: [nodeId] });
};

type Closing = {
  nodeId: string;
  serverId: string;
  reason: string;
  /** Milliseconds since it was heard. */
  silentMs: number;
  silenceMs: number;
  skewMs: number;
};

/** Stores that the connection ended, unless another server has the node by now; its lease runs from when it was heard. */
export const closeConnection = async (tx: Tx, closing: Closing): Promise<void> => {
  const { nodeId, serverId, silentMs, silenceMs, skewMs } = closing;
  const closed = await tx.$executeRaw`
    UPDATE "Node" SET "connectedTo" = NULL, "lastCloseReason" = ${closing.reason.slice(0, 500)},
      "clockSkewMs" = ${skewMs}, "lastSeenAt" = now() - ${silentMs} * interval '1 millisecond',
      "leaseUntil" = now() + ${silenceMs - silentMs} * interval '1 millisecond'
    WHERE id = ${nodeId}::uuid AND "connectedTo" = ${serverId}::uuid`;
  if (closed > 0) await publishChange(tx, { kind: 'node', ids: [nodeId] });
};

/** Keeps the last thing that went wrong with a node's connection, for its page. */
export const storeLinkError = async (tx: Tx, nodeId: string, message: string): Promise<void> => {
  const { count } = await tx.node.updateMany({
    where: { id: nodeId, lastError: { not: message.slice(0, 500) } },
    data: { lastError: message.slice(0, 500) },
  });
  if (count > 0) await publishChange(tx, { kind: 'node', ids: [nodeId] });
};

/** The agent goes on purpose: its silence is wanted until then (SPEC.md, L4). */
export const storeLeaving = async (tx: Tx, nodeId: string, until: Date): Promise<void> => {
  await tx.node.updateMany({ where: { id: nodeId }, data: { leavingUntil: until } });
};

/**
 * Renews the one row that vouches for every node connected to this server and not marked quiet: at rest nothing else
 * is written, however many agents there are.
 */
export const vouch = async (db: Tx, serverId: string): Promise<void> => {
  await db.$executeRaw`UPDATE "Server" SET "seenAt" = now() WHERE id = ${serverId}::uuid`;
};

/** Nodes that have become quiet get a lease that runs from when they were heard. */
export const markQuiet = async (
  tx: Tx,
  serverId: string,
  quiet: readonly { nodeId: string; silentMs: number }[],
  silenceMs: number,
): Promise<void> => {
  const ids = quiet.map(({ nodeId }) => nodeId);
  const silent = quiet.map(({ silentMs }) => silentMs);
  await tx.$executeRaw`
    UPDATE "Node" n SET "lastSeenAt" = now() - q.silent * interval '1 millisecond',
      "leaseUntil" = now() + (${silenceMs}::int - q.silent) * interval '1 millisecond'
    FROM unnest(${ids}::uuid[], ${silent}::int[]) AS q(id, silent)
    WHERE n.id = q.id AND n."connectedTo" = ${serverId}::uuid`;
  await publishChange(tx, { kind: 'node', ids });
};

/** Nodes that are heard again: this server vouches for them as before. Those that are still ours come back. */
export const markHeard = async (tx: Tx, serverId: string, nodeIds: readonly string[]): Promise<string[]> => {
  const rows = await tx.$queryRaw<{ id: string; changed: boolean }[]>`
    UPDATE "Node" n SET "lastSeenAt" = now(), "leaseUntil" = NULL, "connectedTo" = ${serverId}::uuid
    FROM (SELECT id, "leaseUntil" IS NOT NULL OR "connectedTo" IS NULL AS changed FROM "Node"
      WHERE id = ANY(${nodeIds}::uuid[]) FOR UPDATE) AS before
    WHERE n.id = before.id AND n.state <> 'lost' AND n."removedAt" IS NULL
      AND (n."connectedTo" = ${serverId}::uuid OR n."connectedTo" IS NULL)
    RETURNING n.id, before.changed`;
  const changed = rows.filter((row) => row.changed).map(({ id }) => id);
  if (changed.length > 0) await publishChange(tx, { kind: 'node', ids: changed });
  return rows.map(({ id }) => id);
};

export type Applied = { nodeId: string; generation: number; builtAt: Date };

/**
 * Stores which generation each agent has. What was final when the document was built is not in it: the node has been
 * told, and need not be told again. Statements of their own, since together they would lock nodes before tasks.
 */
export const storeApplied = async (tx: Tx, applied: readonly Applied[]): Promise<void> => {
  const ids = applied.map(({ nodeId }) => nodeId);
  const generations = applied.map(({ generation }) => generation);
  const times = applied.map(({ builtAt }) => builtAt.toISOString());
  await tx.$executeRaw`
    UPDATE "Node" n SET "appliedGeneration" = a.generation, "lastError" = ''
    FROM unnest(${ids}::uuid[], ${generations}::int[]) AS a(id, generation) WHERE n.id = a.id`;
  await tx.$executeRaw`
    UPDATE "Task" t SET "collectedAt" = now()
    FROM unnest(${ids}::uuid[], ${times}::timestamptz[]) AS a(id, at)
    WHERE t."nodeId" = a.id AND t."collectedAt" IS NULL AND t."stateAt" < a.at
      AND t.state IN ('complete', 'stopped', 'failed', 'rejected', 'lost')`;
  await publishChange(tx, { kind: 'node', ids });
};

/** A node that is joining or returning takes tasks from now on. */
export const storeReady = async (tx: Tx, nodeId: string): Promise<boolean> => {
  const { count } = await tx.node.updateMany({
    where: { id: nodeId, state: { in: ['joining', 'returning'] } },
    data: { state: 'ready', version: { increment: 1 } },
  });
  if (count > 0) {
    await publishChange(tx, { kind: 'node', ids: [nodeId] });
    await tellReadinessOf(tx, [nodeId]);
  }
  return count > 0;
};

/** Nodes whose desired state is newer than what their agent has. */
export const staleSessions = async (
  db: Tx,
  has: readonly { nodeId: string; generation: number }[],
): Promise<string[]> => {
  if (has.length === 0) return [];
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT n.id FROM "Node" n
    JOIN unnest(${has.map(({ nodeId }) => nodeId)}::uuid[], ${has.map(({ generation }) => generation)}::int[])
      AS h(id, generation) ON h.id = n.id
    WHERE n.generation > h.generation AND n."removedAt" IS NULL`;
  return rows.map(({ id }) => id);
};
