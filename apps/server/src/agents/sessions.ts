import type { Order } from '@portreeve/agent-protocol';
import type { NodePressure } from '@portreeve/domain';
import type { AnswerParts } from './answer-parts.ts';

/** A live control connection of an agent that was welcomed. Nothing of it is stored per heartbeat. */
export type AgentSession = {
  nodeId: string;
  /** Of this connection; a later one of the same node has another. */
  connectionId: string;
  certificateExpires: Date;
  instanceId: string;
  connectedAt: Date;
  /** Addresses of servers it was told last. */
  toldServers: string;
  /** When the last word was heard, by `performance.now()`: setting a clock makes nobody silent. */
  heardAt: number;
  /** The agent said it would be silent until then. */
  leavingUntil: number;
  pressure: NodePressure | undefined;
  clockSkewMs: number;
  /** What it accepted last. */
  has: Order;
  /** Networks of the document it was given last. */
  networkIds: ReadonlySet<string>;
  /** Its complete report of this connection is stored. */
  complete: boolean;
  /** Tasks it still runs and should not; a node that returns is used when none is left. */
  unwanted: Set<string>;
  /** It is in use, or need not be asked again whether it may be. */
  settled: boolean;
  closed: boolean;
  /** The rows say that nothing is heard of it. */
  quiet: boolean;
  /** Resolves when the end of the connection is stored. */
  stored: Promise<void>;
  answers: AnswerParts;
  /** Sends and waits for the acknowledgement; fails at the timeout or when the connection ends. */
  ask(event: string, payload: unknown, timeoutMs: number): Promise<unknown>;
  close(reason: string): void;
};

/** The connections this server holds; at most one per node. */
export type Sessions = {
  get(nodeId: string): AgentSession | undefined;
  all(): AgentSession[];
  /** The newest wins: an older one of the node is closed (SPEC.md, C3). */
  add(session: AgentSession): void;
  /** True when it was still the node's present one. */
  remove(session: AgentSession): boolean;
};

export const createSessions = (): Sessions => {
  const byNode = new Map<string, AgentSession>();
  return {
    get: (nodeId) => byNode.get(nodeId),
    all: () => [...byNode.values()],
    add: (session) => {
      const older = byNode.get(session.nodeId);
      byNode.set(session.nodeId, session);
      older?.close('A newer connection of the same node took its place.');
    },
    remove: (session) => {
      if (byNode.get(session.nodeId) !== session) return false;
      return byNode.delete(session.nodeId);
    },
  };
};
