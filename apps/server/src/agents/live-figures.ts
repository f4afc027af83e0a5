import { NodePressure } from '@portreeve/domain';
import { z } from 'zod';
import type { AgentSession } from './sessions.ts';

/** What is known of a node's connection only while it stands. */
export const LiveNode = z.object({
  connectedSince: z.coerce.date(),
  heardAt: z.coerce.date(),
  pressure: NodePressure.optional(),
  clockSkewMs: z.number(),
});
export type LiveNode = z.infer<typeof LiveNode>;

export const liveOf = (session: AgentSession): LiveNode => ({
  connectedSince: session.connectedAt,
  heardAt: new Date(Date.now() + session.heardAt - performance.now()),
  pressure: session.pressure,
  clockSkewMs: session.clockSkewMs,
});

/** How often servers tell each other; what is older than three times that is no longer live. */
export const SHARE_EVERY_MS = 10_000;
const GOOD_FOR_MS = 3 * SHARE_EVERY_MS;

/** Figures of nodes whose connections other servers hold. In memory only: live figures are stored nowhere. */
type OtherServers = {
  heard(nodes: readonly { nodeId: string; live: LiveNode }[], now: number): void;
  get(nodeId: string, now: number): LiveNode | undefined;
};

export const createOtherServers = (): OtherServers => {
  const known = new Map<string, { live: LiveNode; until: number }>();
  return {
    heard: (nodes, now) => {
      for (const [nodeId, { until }] of known) if (until < now) known.delete(nodeId);
      for (const { nodeId, live } of nodes) known.set(nodeId, { live, until: now + GOOD_FOR_MS });
    },
    get: (nodeId, now) => {
      const found = known.get(nodeId);
      return found && found.until >= now ? found.live : undefined;
    },
  };
};
