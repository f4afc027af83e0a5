import { mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { v7 as uuid } from 'uuid';
import { useKeeping } from './access/uses.loop.ts';
import { mountAgents } from './agents/mount.ts';
import { auditArchiving } from './audit/archive.loop.ts';
import { auditMonths, auditSealing } from './audit/audit.loop.ts';
import { mountAuditRoutes } from './audit/audit.routes.ts';
import { auditForwarding } from './audit/forward.loop.ts';
import { mountForwardRoutes } from './audit/forwards.routes.ts';
import { directorySync } from './identity/directories/sync.loop.ts';
import { mountIdentity } from './identity/identity.service.ts';
import { createBrowserSockets } from './live/browser-sockets.ts';
import { mountLive } from './live/live.ts';
import { mountNodes } from './nodes/mount.ts';
import { mountPeople } from './people/mount.ts';
import { createCa } from './platform/ca/ca.ts';
import { agentUrlAt, readAddress } from './platform/cluster/agent-address.ts';
import { openCluster } from './platform/cluster/cluster.store.ts';
import { forgetServer, markServerSeen, SERVER_SEEN_EVERY_MS } from './platform/cluster/servers.store.ts';
import { createDatabase } from './platform/db/database.ts';
import { assertMigrated } from './platform/db/migrate.ts';
import { createAgentListener } from './platform/http/agent-listener.ts';
import { addHealthRoutes, createMetrics } from './platform/http/health.routes.ts';
import { createHttp } from './platform/http/http.ts';
import { createIdempotency } from './platform/http/idempotency.store.ts';
import { addDocumentation } from './platform/http/openapi.ts';
import { addWeb } from './platform/http/web.ts';
import { startLeader } from './platform/leader.ts';
import { createLog } from './platform/log.ts';
import { createLoops } from './platform/loop.ts';
import { secretFile } from './platform/secret-file.ts';
import { VERSION } from './platform/version.ts';
import type { Platform, ServerOptions } from './platform.ts';
import { sealOldVersions } from './stacks/version-files.store.ts';
import { addWorkloads } from './stacks/workloads.ts';
import { createBulkDoor } from './streams/bulk-door.ts';
import { mountStreams } from './streams/mount.ts';

export type PortreeveServer = {
  platform: Platform;
  consoleUrl: string;
  agentUrl: string;
  close(): Promise<void>;
};

const portOf = (app: FastifyInstance): number => {
  const address = app.server.address();
  return address && typeof address === 'object' ? address.port : 0;
};
const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

const agentHosts = ({ agents }: ServerOptions): string[] =>
  agents.addresses.map((address) => readAddress(address).host);

const allowedNames = (options: ServerOptions): ReadonlySet<string> =>
  new Set(
    ['localhost', '127.0.0.1', '[::1]', ...options.console.names, ...agentHosts(options)].map((name) =>
      inUrl(name).toLowerCase(),
    ),
  );

const buildPlatform = async (options: ServerOptions, onClose: Platform['onClose']): Promise<Platform> => {
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o711 });
  const log = createLog(options.logLevel, 'server');
  await assertMigrated(options.databaseUrl);
  const database = createDatabase(options.databaseUrl);
  onClose(database.close);
  // The last requests have been answered by then, and the database is still there.
  onClose(() =>
    useKeeping(database)
      .run(new Date())
      .catch(() => undefined),
  );
  const cluster = await openCluster(database, options.keyFile, options.clusterName);
  const { clusterId, keys } = cluster;
  const ca = createCa(cluster);
  const names = allowedNames(options);
  const reachedBy = [...options.console.names, ...agentHosts(options)];
  const certificate = await ca.serverCertificate(reachedBy);
  const { tls } = options.console;

  const http = createHttp({
    database,
    log,
    names,
    idempotency: createIdempotency(database, keys),
    ...(tls === 'none' ? {} : { tls: tls === 'cluster' ? certificate : tls }),
  });
  const serverId = uuid();
  const leader = startLeader(options.databaseUrl, log, serverId);
  onClose(leader.close);
  const loops = createLoops(database, leader, log);
  onClose(loops.stop);
  return {
    ...{
      serverId,
      clusterId,
      options,
      database,
      keys,
      ca,
      leader,
      loops,
      log,
      http,
      onClose,
      allowedNames: names,
    },
    agentApp: createAgentListener(ca, certificate, log),
    identity: await mountIdentity({
      database,
      clusterId,
      keys,
      http,
      names,
      onFirstPassword: options.onFirstPassword,
    }),
    metrics: createMetrics(database, leader, loops),
    self: { id: serverId, url: '', agentUrl: '', version: VERSION, startedAt: new Date() },
  };
};

/** The domains, wired by hand: one line or two each. Routes first, then loops. */
const addDomains = async (platform: Platform): Promise<void> => {
  const { database, http, keys, loops, log } = platform;
  mountPeople(platform);
  mountAuditRoutes(http.mount, database);
  mountForwardRoutes(http.mount, database, keys);
  loops.start(auditMonths(database));
  loops.start(auditSealing(database, log));
  loops.start(auditForwarding(database, keys));
  loops.start(auditArchiving(database, platform.options.dataFolder, () => platform.self.url));
  const directories = directorySync(platform, log);
  loops.start(directories.options);
  platform.onClose(directories.settled);
  const door = createBulkDoor();
  const { agents, timing } = await mountAgents(platform, door);
  mountNodes(platform, agents, timing);
  const browsers = createBrowserSockets(platform);
  mountLive(platform, browsers);
  mountStreams(platform, browsers, door, agents.askAgent);
  await sealOldVersions(database, keys, log);
  addWorkloads(platform, agents);
};

const listen = async (platform: Platform): Promise<{ consoleUrl: string; agentUrl: string }> => {
  const { options, http, agentApp, self } = platform;
  await http.app.listen({ host: options.console.host, port: options.console.port });
  await agentApp.listen({ host: options.agents.host, port: options.agents.port });
  const scheme = options.console.tls === 'none' ? 'http' : 'https';
  self.url = `${scheme}://${inUrl(options.console.names[0] ?? '127.0.0.1')}:${portOf(http.app)}`;
  self.agentUrl = agentUrlAt(options.agents.addresses[0] ?? '127.0.0.1', portOf(agentApp));
  return { consoleUrl: self.url, agentUrl: self.agentUrl };
};

const announceServer = ({ database, loops, self, onClose }: Platform): void => {
  loops.start({
    name: 'server seen',
    everyMs: SERVER_SEEN_EVERY_MS,
    leaderOnly: false,
    run: (now) => markServerSeen(database, self, now),
  });
  onClose(() => forgetServer(database, self.id).catch(() => {}));
};

/** Builds the server and starts to listen; `close` undoes all of it. */
export const createServer = async (options: ServerOptions): Promise<PortreeveServer> => {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    const platform = await buildPlatform(options, (each) => closers.push(each));
    const { http, agentApp } = platform;
    platform.onClose(async () => {
      for (const app of [http.app, agentApp]) app.server.closeAllConnections();
      await Promise.all([http.app.close(), agentApp.close()]);
    });
    await addDomains(platform);
    const metricsToken = secretFile(`${options.dataFolder}/metrics-token`);
    addHealthRoutes(http.app, { database: platform.database, metrics: platform.metrics, metricsToken });
    await addDocumentation(http.app);
    if (options.web !== 'none') platform.onClose(await addWeb(http, options.web));
    const urls = await listen(platform);
    announceServer(platform);
    return { platform, ...urls, close };
  } catch (error) {
    await close();
    throw error;
  }
};
