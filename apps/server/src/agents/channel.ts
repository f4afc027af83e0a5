import { z } from 'zod';
import { type Executor, notifyAll } from '../platform/db/notify.ts';
import { LiveNode } from './live-figures.ts';

/** The database channel on which servers tell each other what concerns the agents' connections. Hints only: rows are the truth. */
export const AGENTS_CHANNEL = 'agents';

export const AgentSignal = z.discriminatedUnion('kind', [
  /** The desired state of these nodes has a newer generation. */
  z.object({ kind: z.literal('generation'), nodeIds: z.array(z.string()) }),
  /** Readiness of tasks on these networks changed. */
  z.object({ kind: z.literal('readiness'), networkIds: z.array(z.string()) }),
  /** A newer connection of this node stands; older ones elsewhere end (SPEC.md, C3). */
  z.object({ kind: z.literal('connected'), nodeId: z.string(), serverId: z.string() }),
  /** Certificates of these nodes were revoked (SPEC.md, C4). */
  z.object({ kind: z.literal('revoked'), nodeIds: z.array(z.string()) }),
  /** Live figures of nodes that the sender holds; nobody stores them. */
  z.object({
    kind: z.literal('live'),
    serverId: z.string(),
    nodes: z.array(z.object({ nodeId: z.string(), live: LiveNode })),
  }),
  z.object({ kind: z.literal('request'), nodeId: z.string(), requestId: z.string() }),
  z.object({ kind: z.literal('answer'), requestId: z.string() }),
]);
export type AgentSignal = z.infer<typeof AgentSignal>;

/** A signal as its channel carries it, for who sends it along with another statement. */
export const agentPayload = (signal: AgentSignal): string => JSON.stringify(signal);

/** Says it to every server when the transaction commits; at once outside of one. */
export const signalAgents = (tx: Executor, signal: AgentSignal): Promise<void> =>
  notifyAll(tx, AGENTS_CHANNEL, [agentPayload(signal)]);
