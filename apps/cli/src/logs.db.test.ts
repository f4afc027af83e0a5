import { randomUUID } from 'node:crypto';
import { ServiceSpec } from '@portreeve/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEALED } from '../../server/src/agents/sealed.ts';
import { connectAgent, dial, join } from '../../server/src/agents/testing/test-agent.ts';
import { startTestServer, type TestServer } from '../../server/src/test-server.ts';
import { type Door, runCommand, startDoor } from './test-console.ts';

let site: TestServer;
let token = '';
let taskId = '';
let door: Door;
let written: { at: string; text: string }[] = [];
const requests: object[] = [];

const seed = async (): Promise<{ serviceId: string; revisionId: string }> => {
  const { prisma } = site.db.database;
  const { id: projectId } = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
  const [stackId, serviceId, revisionId] = [randomUUID(), randomUUID(), randomUUID()];
  await prisma.stack.create({ data: { id: stackId, projectId, name: 'shop' } });
  await prisma.service.create({ data: { id: serviceId, stackId, name: 'web', desired: 'running' } });
  const image = { reference: 'r.example/web:1', registry: 'r.example', repository: 'web' };
  await prisma.revision.create({
    data: {
      ...{ id: revisionId, serviceId, number: 1, stackVersion: 1, specHash: '', createdBy: 'admin' },
      ...{
        spec: ServiceSpec.parse({ image: 'web:1' }),
        pin: { kind: 'digest', digest: `sha256:${'1'.repeat(64)}`, ...image },
        sealedEnvironment: site.server.platform.keys.seal('{}', SEALED.environment(revisionId)),
      },
    },
  });
  await prisma.service.update({ where: { id: serviceId }, data: { currentRevisionId: revisionId } });
  return { serviceId, revisionId };
};

type OpenRequest = { kind: string; streamId: string; token: string; url: string; open: { since?: string } };

/** A host whose agent gives, as engines do, what was written since the asked time. */
const startHost = async (): Promise<string> => {
  const { platform, agentUrl } = site.server;
  const admin = await site.administrator();
  const made = (await admin.call('POST', '/join-tokens', {})).json as { token: string };
  const ca = platform.ca.certificatePem;
  const identity = await join(agentUrl, ca, made.token, 'host');
  const { keyPem, certificatePem, nodeId } = identity;
  await connectAgent(agentUrl, identity, {}, async (raw) => {
    if (raw.kind !== 'open-stream') return { ok: true, value: {} };
    const body = raw as OpenRequest;
    const { since = '' } = body.open;
    requests.push(body.open);
    const bulk = await dial(body.url, '/bulk', { ca, keyPem, certificatePem });
    await bulk.timeout(5_000).emitWithAck('hello', { streamId: body.streamId, token: body.token, nodeId });
    const lines = written
      .filter(({ at }) => at >= since)
      .map((line) => ({ ...line, taskId, stream: 'stdout', attempt: 1 }));
    bulk.emit('data', { sequence: 1, lines });
    return { ok: true, value: { opened: true, reason: '' } };
  });
  return nodeId;
};

beforeAll(async () => {
  site = await startTestServer();
  const admin = await site.administrator();
  token = ((await admin.call('POST', '/me/tokens', { name: 'cli' })).json as { token: string }).token;
  const { serviceId, revisionId } = await seed();
  const nodeId = await startHost();
  taskId = randomUUID();
  await site.db.database.prisma.task.create({
    data: { id: taskId, serviceId, revisionId, slot: 1, nodeId, state: 'running' },
  });
  door = await startDoor(site.server.consoleUrl);
}, 60_000);
afterAll(async () => {
  await door?.cut();
  await site?.close();
});

const lineAt = (second: number, text: string) => ({
  at: new Date(Date.now() + second * 1_000).toISOString(),
  text,
});

test('a followed log goes on by itself when the console is back: no line twice, none lost', async () => {
  written = [lineAt(-30, 'old'), lineAt(-1, 'before the cut')];
  const log = runCommand(door.url, token, ['logs', '-f', 'shop/web']);
  const texts = () => [...log.said().matchAll(/Z 1 (.*)$/gm)].map(([, text]) => text);
  await expect.poll(texts, { timeout: 20_000 }).toEqual(['old', 'before the cut']);

  await door.cut();
  written.push(lineAt(0, 'while it was away'));
  await expect.poll(log.said).toContain('goes on here when the console can be reached');
  await door.open();
  await expect.poll(texts, { timeout: 20_000 }).toEqual(['old', 'before the cut', 'while it was away']);
  expect(requests.at(-1)).toMatchObject({ since: expect.any(String), tail: 10_000 });
  expect(log.running()).toBe(true);

  await site.db.database.prisma.token.updateMany({ data: { revokedAt: new Date() } });
  await door.cut();
  await door.open();
  expect(await log.ended).toBe(1);
  expect(log.said()).toContain('This token is unknown, expired or revoked.');
}, 60_000);
