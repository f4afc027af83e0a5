import { readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import type { AgentFigures } from '@portreeve/agent-protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAgent, type Identity, join } from '../agents/testing/test-agent.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

const FIGURES: AgentFigures = {
  startedAt: '2026-01-01T00:00:00.000Z',
  pressure: {
    ...{
      at: '2026-01-01T00:00:00.000Z',
      load1: 0.5,
      cpuUsed: 1.5,
      memoryUsedBytes: 10,
      memoryTotalBytes: 20,
    },
    disks: [{ path: '/var/lib/docker', usedBytes: 30, totalBytes: 40 }],
  },
  residentBytes: 50,
  containers: [
    { state: 'running', ours: true, count: 3 },
    { state: 'exited', ours: false, count: 1 },
  ],
  tasks: { running: 3 },
  attempts: 4,
  outbox: { tasks: 0, exits: 1, events: 2 },
  servers: 2,
  reconnects: 5,
  certificateExpiresAt: '2026-03-01T00:00:00.000Z',
};

let server: TestServer;
let admin: Client;
let identity: Identity;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.administrator();
  token = readFileSync(pathOf(server.dataFolder, 'metrics-token'), 'utf8').trim();
  const made = (await admin.call('POST', '/join-tokens', {})).json as { token: string };
  const { platform, agentUrl } = server.server;
  identity = await join(agentUrl, platform.ca.certificatePem, made.token, 'measured');
});
afterAll(() => server.close());

const scrape = async (path: string, bearer = token): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${server.server.consoleUrl}/metrics/${path}`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  return { status: answer.status, text: await answer.text() };
};
const connect = (answer: unknown) => connectAgent(server.server.agentUrl, identity, {}, () => answer);

test('the metrics of nodes need the token of the metrics', async () => {
  expect((await scrape('nodes', 'wrong')).status).toBe(401);
  expect((await scrape(`nodes/${identity.nodeId}`, 'wrong')).status).toBe(401);
});

test('Prometheus finds the nodes by itself', async () => {
  expect(JSON.parse((await scrape('nodes')).text)).toEqual([
    {
      targets: [new URL(server.server.consoleUrl).host],
      labels: { __metrics_path__: `/metrics/nodes/${identity.nodeId}`, node: 'measured' },
    },
  ]);
});

test('the figures of a node come from its agent when they are asked for', async () => {
  const agent = await connect({ ok: true, value: FIGURES });
  const { status, text } = await scrape(`nodes/${identity.nodeId}`);
  expect(status, text).toBe(200);
  const labels = `node="measured",node_id="${identity.nodeId}"`;
  for (const line of [
    `portreeve_node_up{${labels}} 1`,
    `portreeve_node_load1{${labels}} 0.5`,
    `portreeve_node_memory_used_bytes{${labels}} 10`,
    `portreeve_node_disk_used_bytes{path="/var/lib/docker",${labels}} 30`,
    `portreeve_node_containers{state="running",managed="yes",${labels}} 3`,
    `portreeve_node_containers{state="exited",managed="no",${labels}} 1`,
    `portreeve_node_task_attempts{${labels}} 4`,
    `portreeve_agent_outbox{kind="events",${labels}} 2`,
    `portreeve_agent_servers{${labels}} 2`,
    `portreeve_agent_reconnects_total{${labels}} 5`,
    `portreeve_agent_certificate_expires_timestamp_seconds{${labels}} ${Date.parse(FIGURES.certificateExpiresAt) / 1_000}`,
  ])
    expect(text.split('\n')).toContain(line);
  agent.close();
});

test('V1 an agent that does not know the question is up and told by what the server knows', async () => {
  const agent = await connect({ ok: false, code: 'request.invalid', message: 'no such kind' });
  const { status, text } = await scrape(`nodes/${identity.nodeId}`);
  expect(status).toBe(200);
  expect(text).toMatch(/portreeve_node_up\{.*\} 1/);
  expect(text).not.toContain('portreeve_agent_outbox');
  agent.close();
});

test('a node whose agent is away is down, and the rest of what is known is told', async () => {
  const { prisma } = server.db.database;
  await expect
    .poll(() => prisma.node.findUnique({ where: { id: identity.nodeId } }))
    .toMatchObject({ connectedTo: null });
  const { status, text } = await scrape(`nodes/${identity.nodeId}`);
  expect(status).toBe(200);
  expect(text).toMatch(/portreeve_node_up\{.*\} 0/);
  expect(text).toMatch(/portreeve_node_last_heard_timestamp_seconds\{.*\} \d+/);
});

test('a node that is none is not found', async () => {
  expect((await scrape('nodes/nothing')).status).toBe(404);
  expect((await scrape('nodes/01900000-0000-7000-8000-000000000000')).status).toBe(404);
});
