import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { vi } from 'vitest';
import { createEnrolment } from '../../nodes/enrolment.ts';
import { hashJoinToken, makeJoinToken } from '../../nodes/join-token.ts';
import { createCa } from '../../platform/ca/ca.ts';
import { type ClusterIdentity, openCluster } from '../../platform/cluster/cluster.store.ts';
import { markServerSeen } from '../../platform/cluster/servers.store.ts';
import { createDatabase, type Database } from '../../platform/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/test-database.ts';
import { createAgentListener } from '../../platform/http/agent-listener.ts';
import { type Agents, type AgentsOptions, createAgents } from '../agents.ts';
import { timingOf } from '../timing.ts';

export type TestServer = {
  serverId: string;
  url: string;
  agents: Agents;
  database: Database;
  stop(): Promise<void>;
};
export type TestCluster = {
  database: Database;
  cluster: ClusterIdentity;
  rootId: string;
  caPem: string;
  /** Starts a server with a database client of its own. */
  startServer(over?: Partial<AgentsOptions>): Promise<TestServer>;
  token(over?: {
    uses?: number;
    nodeId?: string;
    expiresAt?: Date;
    labels?: Record<string, string>;
  }): Promise<string>;
  stop(): Promise<void>;
};

const log = pino({ level: process.env.PORTREEVE_TEST_LOG ?? 'silent' });

/** A founded cluster on a database of its own, for tests that speak the agents' protocol to the real gateway. */
export const createTestCluster = async (leaseMs = 5_000): Promise<TestCluster> => {
  const test: TestDatabase = await createTestDatabase();
  const { database } = test;
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-test-'));
  const keyFile = join(folder, 'cluster.key');
  const cluster = await openCluster(database, keyFile, 'test');
  const ca = createCa(cluster);
  const root = await database.prisma.project.findFirstOrThrow({ where: { path: '/' } });
  const servers: TestServer[] = [];

  const startServer: TestCluster['startServer'] = async (over = {}) => {
    const own = createDatabase(test.url, { connections: 6 });
    // On a busy machine the first connection takes long, and the database is taken to be away until it stands.
    await vi.waitFor(() => own.ping(), { timeout: 20_000 });
    const serverId = uuid();
    const listener = createAgentListener(ca, await ca.serverCertificate([]), log);
    const enrolment = createEnrolment({
      database: own,
      ca,
      cluster: async () => ({ id: cluster.clusterId, name: 'test' }),
    });
    const agents = createAgents({
      database: own,
      log,
      serverId,
      clusterId: cluster.clusterId,
      timing: timingOf(leaseMs),
      enrolment,
      unseal: cluster.keys.unseal,
      ca,
      listener,
      agentFiles: '/nowhere',
      onBulk: (socket) => socket.disconnect(true),
      onBeat: () => undefined,
      onReport: () => undefined,
      ...over,
    });
    const url = await listener.listen({ port: 0, host: '127.0.0.1' });
    await markServerSeen(
      own,
      { id: serverId, url, agentUrl: url, version: 'test', startedAt: new Date() },
      new Date(),
    );
    const server: TestServer = {
      serverId,
      url,
      agents,
      database: own,
      stop: async () => {
        servers.splice(servers.indexOf(server), 1);
        await agents.close();
        await listener.close();
        await own.close();
      },
    };
    servers.push(server);
    return server;
  };

  return {
    database,
    cluster,
    rootId: root.id,
    caPem: ca.certificatePem,
    startServer,
    token: async ({ uses = 1, nodeId, expiresAt, labels } = {}) => {
      const token = makeJoinToken();
      await database.prisma.joinToken.create({
        data: {
          id: uuid(),
          hash: hashJoinToken(token),
          projectId: root.id,
          labels: labels ?? {},
          nodeId: nodeId ?? null,
          usesLeft: uses,
          createdBy: 'admin',
          expiresAt: expiresAt ?? new Date(Date.now() + 60_000),
        },
      });
      return token;
    },
    stop: async () => {
      for (const server of [...servers]) await server.stop();
      await test.drop();
      rmSync(folder, { recursive: true });
    },
  };
};
