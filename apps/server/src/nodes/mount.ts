import type { Agents } from '../agents/agents.ts';
import type { Timing } from '../agents/timing.ts';
import type { Platform } from '../platform.ts';
import { mountContainerRoutes } from './containers.routes.ts';
import { mountDrainRoutes } from './drain.routes.ts';
import { mountJoinTokenRoutes } from './join-tokens.routes.ts';
import { startLeasesLoop } from './leases.loop.ts';
import { mountNodeMetrics } from './metrics.routes.ts';
import { mountNodeRoutes } from './nodes.routes.ts';

/** Nodes: their routes, join tokens, and the loop that judges their leases. */
export const mountNodes = (platform: Platform, agents: Agents, timing: Timing): void => {
  mountNodeRoutes(platform, agents);
  mountContainerRoutes(platform, agents);
  mountDrainRoutes(platform, agents);
  mountJoinTokenRoutes(platform);
  mountNodeMetrics(platform, agents);
  startLeasesLoop(platform, timing);
};
