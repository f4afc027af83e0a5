import { activityRoutes } from './activity.ts';
import { alertRoutes } from './alerts.ts';
import { auditRoutes } from './audit.ts';
import { auditForwardRoutes } from './audit-forwards.ts';
import { directoryRoutes } from './directories.ts';
import { grantRoutes } from './grants.ts';
import { nodeRoutes } from './nodes.ts';
import { overviewRoutes } from './overview.ts';
import { projectRoutes } from './projects.ts';
import { configRoutes, networkRoutes, registryRoutes, secretRoutes, volumeRoutes } from './resources.ts';
import { roleRoutes } from './roles.ts';
import { rolloutRoutes } from './rollouts.ts';
import { secondFactorRoutes } from './second-factor.ts';
import { serviceAccountRoutes } from './service-accounts.ts';
import { serviceRoutes } from './services.ts';
import { sessionRoutes } from './session.ts';
import { settingsRoutes } from './settings.ts';
import { stackRoutes } from './stacks.ts';
import { taskRoutes } from './tasks.ts';
import { teamRoutes } from './teams.ts';
import { ownRightsRoutes, userRoutes } from './users.ts';

/** Every HTTP operation there is. */
export const routes = {
  session: sessionRoutes,
  secondFactor: secondFactorRoutes,
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
  auditForwards: auditForwardRoutes,
  alerts: alertRoutes,
  settings: settingsRoutes,
  directories: directoryRoutes,
  ownRights: ownRightsRoutes,
  users: userRoutes,
  serviceAccounts: serviceAccountRoutes,
  teams: teamRoutes,
  roles: roleRoutes,
  grants: grantRoutes,
};
