import type { StreamOpen } from '@portreeve/agent-protocol';
import { DomainError, type Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { AskAgent } from '../agents/requests.ts';
import type { Watcher } from '../live/watch.ts';
import type { Database } from '../platform/db/database.ts';
import type { BulkDoor, StreamHandlers } from './bulk-door.ts';
import { type NewStream, storeStreams } from './streams.store.ts';

export type DialDeps = {
  database: Database;
  door: BulkDoor;
  askAgent: AskAgent;
  serverId: string;
  /** This server's own agent address: agents dial the very server that asks. */
  agentUrl(): string;
};
export type Wanted = {
  taskId: string;
  nodeId: string;
  open: StreamOpen;
  handlers: StreamHandlers;
};

const ASK_TIMEOUT_MS = 8_000;

/**
 * Stores who asked for these streams, by which right and until when, then asks each agent to dial this server with
 * its own. A stream whose agent cannot be asked ends with the sentence of the refusal. Ids come in the order wanted.
 */
export const dialAgents = async (
  deps: DialDeps,
  wanted: readonly Wanted[],
  asker: { watcher: Watcher; permission: Permission; deadline: Date },
): Promise<{ ids: string[]; asked: Promise<void>[] }> => {
  const { subject } = asker.watcher;
  const streams = wanted.map((one) => {
    const id = uuid();
    return { one, id, ...deps.door.expect(id, one.nodeId, one.handlers) };
  });
  const rows = streams.map(
    ({ one, id, tokenHash }): NewStream => ({
      id,
      kind: one.open.kind,
      taskId: one.taskId,
      nodeId: one.nodeId,
      serverId: deps.serverId,
      userId: subject.userId || null,
      sessionId: subject.sessionId ?? null,
      permission: asker.permission,
      tokenHash,
      deadline: asker.deadline,
    }),
  );
  const ask = async ({ one, id, token }: (typeof streams)[number]): Promise<void> => {
    try {
      const body = {
        kind: 'open-stream',
        streamId: id,
        token,
        url: deps.agentUrl(),
        open: one.open,
      } as const;
      const answer = await deps.askAgent(one.nodeId, body, { timeoutMs: ASK_TIMEOUT_MS });
      if (!answer.opened)
        throw new DomainError('engine.unavailable', answer.reason || 'The agent could not open it.');
    } catch (error) {
      deps.door.forget(id);
      throw error;
    }
  };
  try {
    await deps.database.guard(() => storeStreams(deps.database.prisma, rows));
  } catch (error) {
    for (const { id } of streams) deps.door.forget(id);
    throw error;
  }
  return { ids: streams.map(({ id }) => id), asked: streams.map(ask) };
};
