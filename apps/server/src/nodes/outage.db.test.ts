import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startWire, type Wire } from '../../../../e2e/lab/wire.ts';
import { connectAgent, type Identity, join, makeCsr, type TestAgent } from '../agents/testing/test-agent.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

let wire: Wire;
let server: TestServer;
let admin: Client;
let hosts: { identity: Identity; agent: TestAgent }[];
let beats: NodeJS.Timeout;
beforeAll(async () => {
  wire = await startWire();
  server = await startTestServer((options) => ({ ...options, databaseUrl: wire.url(options.databaseUrl) }));
  admin = await server.administrator();
  hosts = await Promise.all(['a', 'b', 'c', 'd'].map(startHost));
  beats = setInterval(() => {
    for (const { agent } of hosts) agent.beat().catch(() => undefined);
  }, 1_000);
});
afterAll(async () => {
  clearInterval(beats);
  await server.close();
  wire.close();
});

const startHost = async (name: string) => {
  const { agentUrl, platform } = server.server;
  const { token } = (await admin.call('POST', '/join-tokens', {})).json as { token: string };
  const identity = await join(agentUrl, platform.ca.certificatePem, token, name);
  const agent = await connectAgent(agentUrl, identity);
  await agent.report([], { complete: true });
  return { identity, agent };
};
/** Nodes as join makes them, with one key for all: a hundred keys would take this one process too long. */
const fleetOf = async (count: number): Promise<Identity[]> => {
  const { ca, clusterId, database } = server.server.platform;
  const { keyPem, csrPem } = await makeCsr();
  const root = await database.prisma.project.findFirstOrThrow({ where: { path: '/' } });
  const made = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const nodeId = uuid();
      return { nodeId, name: `fleet-${i}`, ...(await ca.issueNodeCertificate(csrPem, nodeId)) };
    }),
  );
  await database.prisma.node.createMany({
    data: made.map(({ nodeId, name }) => ({ id: nodeId, name, projectId: root.id })),
  });
  await database.prisma.nodeCertificate.createMany({
    data: made.map(({ nodeId, serial, notAfter }) => ({ nodeId, serial, notAfter })),
  });
  return made.map(({ nodeId, name, certificatePem }) => ({
    ...{ nodeId, nodeName: name, certificatePem, keyPem, clusterId, clusterName: 'test' },
    caCertificates: [ca.certificatePem],
    servers: [],
  }));
};
const states = async (): Promise<string[]> =>
  (await server.db.database.prisma.node.findMany({ orderBy: { name: 'asc' } })).map(({ state }) => state);

test('F-5 a database that is gone for longer than a lease costs no connection and no node', {
  timeout: 60_000,
}, async () => {
  await expect.poll(states).toEqual(['ready', 'ready', 'ready', 'ready']);
  const [first] = hosts as [(typeof hosts)[0]];
  wire.cut();
  await expect.poll(async () => (await admin.call('GET', '/nodes')).status).toBe(503);
  const since = Date.now();
  // Answered while the database is still gone: no report waits until it is back.
  expect(await first.agent.report([])).toMatchObject({ stored: false });
  // A host that comes meanwhile is told to come again, and why.
  const late = await connectAgent(server.server.agentUrl, first.identity).catch(
    (error: Error) => error.message,
  );
  expect(late).toContain('database');
  await expect.poll(() => Date.now() - since > 12_000, { timeout: 15_000 }).toBe(true);
  wire.mend();
  await expect.poll(async () => (await admin.call('GET', '/nodes')).status).toBe(200);
  await expect.poll(async () => (await first.agent.report([])).stored).toBe(true);
  const back = Date.now();
  await expect
    .poll(
      async () => {
        expect(await states()).toEqual(['ready', 'ready', 'ready', 'ready']);
        return Date.now() - back > 10_000;
      },
      { timeout: 15_000 },
    )
    .toBe(true);
  expect(hosts.map(({ agent }) => agent.disconnected())).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(await server.db.database.prisma.alert.count({ where: { kind: 'nodes-silent' } })).toBe(0);
});

test('F-14 a hundred agents that come in the same second are all welcome, and the API is served meanwhile', {
  timeout: 60_000,
}, async () => {
  const identities = await fleetOf(100);
  // An agent that is told to come again does.
  const come = (identity: Identity): Promise<TestAgent> =>
    vi.waitFor(
      async () => {
        const agent = await connectAgent(server.server.agentUrl, identity);
        if (!agent.welcome.ok) throw new Error(agent.welcome.message);
        return agent;
      },
      { timeout: 30_000, interval: 500 },
    );
  let coming = true;
  const arrivals = Promise.all(identities.map(come)).finally(() => {
    coming = false;
  });
  let servedMeanwhile = 0;
  while (coming) {
    const { status } = await admin.call('GET', '/nodes');
    if (coming && status === 200) servedMeanwhile += 1;
  }
  const fleet = await arrivals;
  expect(servedMeanwhile).toBeGreaterThan(1);
  await expect
    .poll(() => fleet.every(({ documents }) => documents.length === 1), { timeout: 20_000 })
    .toBe(true);
  for (const agent of fleet) agent.close();
});
