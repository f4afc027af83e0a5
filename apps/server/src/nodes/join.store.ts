import { DomainError, type NodeFacts } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { signalAgents } from '../agents/channel.ts';
import { raiseGenerations } from '../agents/generation.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';

type UsedToken = {
  id: string;
  projectId: string;
  projectPath: string;
  labels: Record<string, string>;
  nodeId: string | null;
  createdBy: string;
};

/**
 * Takes one use of a token, in one statement, so that of two who race for the last use exactly one gets it
 * (SPEC.md, J2). Throws `join.refused` with what is wrong with it.
 */
export const useToken = async (tx: Tx, hash: string): Promise<UsedToken> => {
  const [used] = await tx.$queryRaw<(Omit<UsedToken, 'projectPath'> & { path: string })[]>`
    UPDATE "JoinToken" j SET "usesLeft" = j."usesLeft" - 1 FROM "Project" p
    WHERE j.hash = ${hash} AND j."usesLeft" > 0 AND j."revokedAt" IS NULL AND j."expiresAt" > now()
      AND p.id = j."projectId" AND p."removedAt" IS NULL
    RETURNING j.id, j."projectId", p.path, j.labels, j."nodeId", j."createdBy"`;
  if (used) return { ...used, projectPath: used.path };
  const token = await tx.joinToken.findUnique({ where: { hash } });
  throw new DomainError('join.refused', whyRefused(token), {
    hint: 'Make a new command under Nodes, Add node.',
  });
};

const whyRefused = (token: { usesLeft: number; revokedAt: Date | null; expiresAt: Date } | null): string => {
  if (!token) return 'The join token is not known here.';
  if (token.revokedAt) return 'The join token was revoked.';
  if (token.expiresAt <= new Date()) return 'The join token has expired.';
  if (token.usesLeft <= 0) return 'The join token was used up.';
  return 'The project of the join token was removed.';
};

type NodeAdmission = { facts: NodeFacts; name: string; hostAddress: string; local: boolean };

/** A name for a new node that no other has: the one wished for, or with a number behind it. */
const freeName = async (tx: Tx, wished: string): Promise<string> => {
  const base =
    wished
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '')
      .slice(0, 58) || 'node';
  const taken = await tx.node.findMany({
    where: { removedAt: null, name: { startsWith: base } },
    select: { name: true },
  });
  const names = new Set(taken.map(({ name }) => name));
  if (!names.has(base)) return base;
  let number = 2;
  while (names.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
};

/** A new node with what its token says; nothing of that comes from the host (SPEC.md, J6). */
export const createNode = async (
  tx: Tx,
  token: UsedToken,
  admission: NodeAdmission,
): Promise<{ id: string; name: string }> => {
  const node = { id: uuid(), name: await freeName(tx, admission.name) };
  await tx.node.create({
    data: {
      ...node,
      projectId: token.projectId,
      labels: token.labels,
      facts: admission.facts as Prisma.InputJsonObject,
      hostAddress: admission.hostAddress,
      local: admission.local,
    },
  });
  await publishChange(tx, { kind: 'node', ids: [node.id] });
  return node;
};

/** A node that lost its key comes back as itself: its earlier certificates are revoked (SPEC.md, J4). */
export const readmitNode = async (
  tx: Tx,
  nodeId: string,
  facts: NodeFacts,
): Promise<{ id: string; name: string }> => {
  const node = await tx.node.findUnique({ where: { id: nodeId } });
  if (!node || node.removedAt)
    throw new DomainError('join.refused', 'The node that the token was made for has been removed.', {
      hint: 'Join the host as a new node.',
    });
  await tx.nodeCertificate.updateMany({
    where: { nodeId, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  await tx.node.update({
    where: { id: nodeId },
    data: { facts: facts as Prisma.InputJsonObject, appliedGeneration: 0, version: { increment: 1 } },
  });
  await raiseGenerations(tx, { nodeIds: [nodeId] });
  await signalAgents(tx, { kind: 'revoked', nodeIds: [nodeId] });
  await publishChange(tx, { kind: 'node', ids: [nodeId] });
  return { id: node.id, name: node.name };
};

export const storeCertificate = async (
  tx: Tx,
  nodeId: string,
  certificate: { serial: string; notAfter: Date },
): Promise<void> => {
  const { serial, notAfter } = certificate;
  await tx.nodeCertificate.create({ data: { serial, nodeId, notAfter } });
};
