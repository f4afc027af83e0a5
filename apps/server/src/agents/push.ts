import { DesiredAnswer, signDesired } from '@portreeve/agent-protocol';
import pLimit from 'p-limit';
import type { Database } from '../platform/db/database.ts';
import type { Log } from '../platform/log.ts';
import { createRevisionCache } from '../stacks/revision-cache.ts';
import { type Applied, storeApplied, storeLinkError } from './connection.store.ts';
import { loadNewest, type Sources } from './desired.store.ts';
import { buildDesired } from './desired-document.ts';
import { splitDocument } from './parts.ts';
import type { AgentSession } from './sessions.ts';

type PushOptions = {
  database: Database;
  log: Log;
  unseal(sealed: string, context: string): string;
  /** The cluster's key for desired documents, with its certificate. */
  assignmentKey: { keyPem: string; certificatePem: string };
  /** Called whenever the agent has the newest document. */
  onCurrent(session: AgentSession): void;
};

type Push = {
  /** Sends the newest document soon, when the agent has an older one. Any number of calls make one push after another. */
  wake(session: AgentSession): void;
  stop(): Promise<void>;
};

const PART_TIMEOUT_MS = 20_000;
const RETRY_MS = 2_000;
const APPLIED_MS = 40;
/** Documents built at the same time: each takes a few queries, and requests of people need connections too. */
const BUILDERS = 4;

/** Sends desired documents: one at a time per agent, always the newest (SPEC.md, D1–D8). */
export const createPush = (options: PushOptions): Push => {
  const { database, log } = options;
  const active = new Map<AgentSession, { again: boolean }>();
  const applied = new Map<string, Applied>();
  let stopped = false;
  let flushTimer: NodeJS.Timeout | undefined;

  const sources: Sources = { unseal: options.unseal, revisionsOf: createRevisionCache() };
  const inTurn = pLimit(BUILDERS);
  const flushApplied = async (): Promise<void> => {
    flushTimer = undefined;
    const batch = [...applied.values()];
    applied.clear();
    if (batch.length === 0) return;
    await storeApplied(database.prisma, batch).catch((error: unknown) => {
      log.warn({ err: error }, 'what agents have was not stored');
      for (const one of batch) if (!applied.has(one.nodeId)) applied.set(one.nodeId, one);
      flushTimer = stopped ? undefined : setTimeout(flushApplied, RETRY_MS);
    });
  };

  const send = async (session: AgentSession): Promise<void> => {
    const builtAt = new Date();
    const { nodeId } = session;
    const newest = await inTurn(() =>
      database.guard(() => loadNewest(database.prisma, nodeId, session.has, sources)),
    );
    if (newest.kind === 'gone') return session.close('The node was removed.');
    if (newest.kind === 'current') {
      session.networkIds = new Set(newest.networkIds);
      return options.onCurrent(session);
    }
    const document = buildDesired(newest.rows, builtAt);
    session.networkIds = new Set(document.networks.map(({ networkId }) => networkId));
    const { assignmentKey: key } = options;
    const bytes = Buffer.from(JSON.stringify(document));
    const signed = { signature: signDesired(bytes, key.keyPem), keyCertificate: key.certificatePem };
    for (const part of splitDocument(bytes, document, signed)) {
      const answer = DesiredAnswer.parse(await session.ask('desired', part, PART_TIMEOUT_MS));
      if (!answer.accepted) throw new Error(`The agent refused its desired state: ${answer.reason}`);
    }
    session.has = { epoch: document.epoch, generation: document.generation };
    applied.set(nodeId, { nodeId, generation: document.generation, builtAt });
    flushTimer ??= setTimeout(flushApplied, APPLIED_MS);
    options.onCurrent(session);
  };

  const run = async (session: AgentSession, state: { again: boolean }): Promise<void> => {
    do {
      state.again = false;
      try {
        await send(session);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log.warn({ nodeId: session.nodeId, err: error }, 'a desired document was not delivered');
        await database
          .transaction((tx) => storeLinkError(tx, session.nodeId, message))
          .catch(() => undefined);
        setTimeout(() => wake(session), RETRY_MS).unref();
      }
    } while (state.again && !stopped);
    active.delete(session);
  };

  const wake = (session: AgentSession): void => {
    if (stopped || session.closed) return;
    const state = active.get(session);
    if (state) {
      state.again = true;
      return;
    }
    const fresh = { again: false };
    active.set(session, fresh);
    void run(session, fresh);
  };

  return {
    wake,
    stop: async () => {
      stopped = true;
      clearTimeout(flushTimer);
      await flushApplied();
    },
  };
};
