import { nodeRoutes } from './nodes.ts';
import { activityRoutes, alertRoutes, auditRoutes, overviewRoutes, settingsRoutes } from './overview.ts';
import { projectRoutes } from './projects.ts';
import { configRoutes, networkRoutes, registryRoutes, secretRoutes, volumeRoutes } from './resources.ts';
import { rolloutRoutes, serviceRoutes, taskRoutes } from './services.ts';
import { sessionRoutes } from './session.ts';
import { stackRoutes } from './stacks.ts';

/** Every HTTP operation there is. */
export const routes = {
  session: sessionRoutes,
  projects: projectRoutes,
  stacks: stackRoutes,
  services: serviceRoutes,
  rollouts: rolloutRoutes,
  tasks: taskRoutes,
  nodes: nodeRoutes,
  configs: configRoutes,
  secrets: secretRoutes,
  networks: networkRoutes,
  volumes: volumeRoutes,
  registries: registryRoutes,
  overview: overviewRoutes,
  activity: activityRoutes,
  audit: auditRoutes,
  alerts: alertRoutes,
  settings: settingsRoutes,
};
