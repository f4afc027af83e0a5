import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Identity } from './identity/identity.service.ts';
import type { Ca } from './platform/ca/ca.ts';
import type { ServerRow } from './platform/cluster/servers.store.ts';
import type { Database } from './platform/db/database.ts';
import type { Http } from './platform/http/http.ts';
import type { ClusterKeys } from './platform/keys/cluster-key.ts';
import type { Leader } from './platform/leader.ts';
import type { Log } from './platform/log.ts';
import type { Loops } from './platform/loop.ts';

export type ServerOptions = {
  databaseUrl: string;
  /** 0600, made at the first start. */
  keyFile: string;
  dataFolder: string;
  clusterName: string;
  /** Port 0 takes a free one. Names are host names without port; loopback ones are always allowed. */
  console: {
    host: string;
    port: number;
    names: string[];
    tls: 'none' | 'cluster' | { certificatePem: string; keyPem: string };
  };
  /** `addresses`: by which hosts reach this server, with a port where a forwarder has another; the first goes into the agents' list. */
  agents: { host: string; port: number; addresses: string[] };
  web: 'none' | 'built' | 'dev';
  logLevel: string;
  /** Called once in the life of a cluster, with the password that works once. */
  onFirstPassword(password: string): Promise<void> | void;
};

/** What every domain is built from. */
export type Platform = {
  serverId: string;
  clusterId: string;
  options: ServerOptions;
  database: Database;
  keys: ClusterKeys;
  ca: Ca;
  leader: Leader;
  loops: Loops;
  log: Log;
  http: Http;
  /** HTTPS on 7401: add routes here, attach sockets to `agentApp.server`; ask with `peerOf`. */
  agentApp: FastifyInstance;
  identity: Identity;
  metrics: Registry;
  allowedNames: ReadonlySet<string>;
  /** This server's own addresses; known once it listens. */
  self: ServerRow;
  /** Runs when the server closes, last added first. */
  onClose(close: () => Promise<void> | void): void;
};
