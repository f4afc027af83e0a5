import type { Subject } from '../access/subject.ts';
import type { Database } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Http } from '../platform/http/http.ts';
import type { AllowedNames } from '../platform/http/origin.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { authenticateRequest, authenticateSocket, renew, type SocketHandshake } from './authentication.ts';
import { mountDirectoryRoutes } from './directories/directories.routes.ts';
import { mountSyncRoutes } from './directories/sync.routes.ts';
import { mountTeamRuleRoutes } from './directories/team-rules.routes.ts';
import { createVerify } from './directories/verify.ts';
import { mountSecondFactorRoutes } from './second-factor.routes.ts';
import { mountSessionRoutes } from './session.routes.ts';
import { mountTokenRoutes } from './token.routes.ts';
import { ensureFirstAdministrator } from './users.store.ts';

export type Identity = {
  /** Who opens a live socket; throws `auth.origin` or `auth.required`. */
  authenticateSocket(handshake: SocketHandshake): Promise<RequestContext>;
  /**
   * The subject with what it may do now, undefined once its session or token has ended. The change kinds `session`,
   * `user` and `grant` (user ids), `token` (token ids), `team`, `role` and `project` say when to ask.
   */
  renew(subject: Subject): Promise<Subject | undefined>;
};
type Deps = {
  database: Database;
  clusterId: string;
  keys: ClusterKeys;
  http: Http;
  names: AllowedNames;
  onFirstPassword(password: string): Promise<void> | void;
};

/** Accounts, sessions and tokens: mounts their routes and makes the first administrator where there is none. */
export const mountIdentity = async (deps: Deps): Promise<Identity> => {
  const { database, clusterId, keys, http, names } = deps;
  http.useAuthentication(authenticateRequest(database));
  const directories = { database, keys, verify: createVerify(http.app) };
  mountSessionRoutes(http.mount, { database, clusterId, keys, directories });
  mountDirectoryRoutes(http.mount, directories);
  mountSyncRoutes(http.mount, directories);
  mountTeamRuleRoutes(http.mount, directories);
  mountSecondFactorRoutes(http.mount, { database, clusterId, keys });
  mountTokenRoutes(http.mount, { database, clusterId, keys });
  await ensureFirstAdministrator(database, deps.onFirstPassword);
  return { authenticateSocket: authenticateSocket(database, names), renew: renew(database) };
};
