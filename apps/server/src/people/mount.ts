import { mountExplainRoutes } from '../access/explain.routes.ts';
import { grantEnds } from '../access/grant-ends.loop.ts';
import { mountGrantRoutes } from '../access/grants.routes.ts';
import { mountRoleRoutes } from '../access/roles.routes.ts';
import { useKeeping } from '../access/uses.loop.ts';
import type { Platform } from '../platform.ts';
import { mountServiceAccountRoutes } from './service-accounts.routes.ts';
import { mountTeamRoutes } from './teams.routes.ts';
import { mountUserRoutes } from './users.routes.ts';

/** Accounts, teams, roles and grants. */
export const mountPeople = ({ database, http: { mount }, loops }: Platform): void => {
  mountUserRoutes(mount, database);
  mountTeamRoutes(mount, database);
  mountServiceAccountRoutes(mount, database);
  mountRoleRoutes(mount, database);
  mountGrantRoutes(mount, database);
  mountExplainRoutes(mount, database);
  loops.start(grantEnds(database));
  loops.start(useKeeping(database));
};
