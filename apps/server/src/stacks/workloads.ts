import type { AskAgent } from '../agents/requests.ts';
import type { Platform } from '../app.ts';
import { startRolloutsLoop } from '../rollouts/rollouts.loop.ts';
import type { DeployDeps } from './deploy.service.ts';
import { createRevisionCache } from './revision-cache.ts';
import { mountServiceRoutes } from './services.routes.ts';
import { mountStackRoutes } from './stacks.routes.ts';

/** Everything from a Compose file to assigned tasks: its routes and its loops. `askAgent` reaches the nodes' agents. */
export const addWorkloads = (platform: Platform, askAgent: AskAgent): void => {
  const { database, keys, http, loops } = platform;
  const deps: DeployDeps = { database, keys, askAgent };
  const revisionsOf = createRevisionCache();
  mountStackRoutes(http.mount, deps);
  mountServiceRoutes(http.mount, deps, revisionsOf);
  const rollouts = startRolloutsLoop(database, loops, revisionsOf);
  platform.onClose(() => rollouts.stop());
};
