import type { Request, RequestBody } from '@portreeve/agent-protocol';
import { RequestAnswer } from '@portreeve/agent-protocol';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import { signalAgents } from './channel.ts';

/** Leaves a question for the server that holds the agent's connection, and wakes it. */
export const postRequest = async (tx: Tx, nodeId: string, request: Request): Promise<void> => {
  const body = request.body as Prisma.InputJsonObject;
  await tx.agentRequest.create({
    data: { id: request.id, nodeId, body, deadline: new Date(request.deadline) },
  });
  await signalAgents(tx, { kind: 'request', nodeId, requestId: request.id });
};

/** An open question for one of these nodes. */
export const openRequest = async (
  db: Tx,
  id: string,
): Promise<(Request & { nodeId: string }) | undefined> => {
  const row = await db.agentRequest.findUnique({ where: { id } });
  if (!row || row.answer !== null || row.deadline <= new Date()) return undefined;
  return { id, nodeId: row.nodeId, deadline: row.deadline.toISOString(), body: row.body as RequestBody };
};

export const storeAnswer = async (tx: Tx, id: string, answer: RequestAnswer): Promise<void> => {
  const { count } = await tx.agentRequest.updateMany({
    where: { id },
    data: { answer: answer as Prisma.InputJsonObject },
  });
  if (count > 0) await signalAgents(tx, { kind: 'answer', requestId: id });
};

export const readAnswer = async (db: Tx, id: string): Promise<RequestAnswer | undefined> => {
  const row = await db.agentRequest.findUnique({ where: { id }, select: { answer: true } });
  return row?.answer ? RequestAnswer.parse(row.answer) : undefined;
};

/** Removes a question that was answered or given up, and what others left behind. */
export const removeRequest = async (db: Tx, id: string): Promise<void> => {
  await db.agentRequest.deleteMany({
    where: { OR: [{ id }, { deadline: { lt: new Date(Date.now() - 60_000) } }] },
  });
};

type Whereabouts = {
  name: string;
  connectedTo: string | null;
  lastError: string;
  lastCloseReason: string;
};

/** Where a node's connection is, for a refusal that says why it cannot be asked. */
export const whereabouts = async (db: Tx, nodeId: string): Promise<Whereabouts | undefined> =>
  (await db.node.findFirst({
    where: { id: nodeId, removedAt: null },
    select: { name: true, connectedTo: true, lastError: true, lastCloseReason: true },
  })) ?? undefined;
