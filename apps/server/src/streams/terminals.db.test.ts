import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dial } from '../agents/testing/test-agent.ts';
import { createServer } from '../app.ts';
import { bulkOf, type OpenRequest, open, type StreamsStage, startStreamsStage } from './test-streams.ts';
import { tidyStreams } from './tidy.ts';

let stage: StreamsStage;
beforeAll(async () => {
  stage = await startStreamsStage();
});
afterAll(() => stage.close());

const terminal = (taskId: string) => ({ kind: 'terminal', taskId, columns: 80, rows: 24 });

test('a terminal works with browser and agent at different servers, types both ways and tells its exit code', async () => {
  const host = await stage.startHost('term');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage(stage.other.consoleUrl);
  const { ok, streamId } = await open(page, terminal(task));
  expect(ok).toBe(true);
  const bulk = await bulkOf(host, task);
  expect(host.opened[0]?.request).toMatchObject({
    url: stage.other.agentUrl,
    open: { command: ['sh', '-c', expect.any(String)] },
  });
  const typed: string[] = [];
  const sizes: object[] = [];
  bulk.on('input', ({ bytes }: { bytes: Buffer }) => typed.push(bytes.toString()));
  bulk.on('resize', (size: object) => sizes.push(size));
  page.socket.emit('input', { streamId, bytes: Buffer.from('ls\n') });
  page.socket.emit('resize', { streamId, columns: 100, rows: 30 });
  bulk.emit('data', { sequence: 1, bytes: Buffer.from('README') });
  await expect.poll(() => typed).toEqual(['ls\n']);
  await expect.poll(() => sizes.at(-1)).toEqual({ columns: 100, rows: 30 });
  await expect.poll(page.bytes).toBe('README');
  bulk.emit('end', { reason: 'the process in the terminal has ended', exitCode: 3 });
  await expect.poll(() => page.ends).toMatchObject([{ exitCode: 3 }]);
  await expect
    .poll(async () =>
      (
        await stage.server.db.database.prisma.auditEntry.findMany({
          where: { objectId: task },
          orderBy: { at: 'asc' },
        })
      ).map(({ action }) => action),
    )
    .toEqual(['terminal.open', 'terminal.close']);
  page.socket.close();
  await stage.endTasks();
});

test('S-8 an open terminal ends with the session of who opened it, and the end is audited', async () => {
  const host = await stage.startHost('s8');
  const task = await stage.startTask(host, 1);
  const session = await stage.server.signIn();
  const page = await stage.openPage(stage.other.consoleUrl, session);
  expect(await open(page, terminal(task))).toMatchObject({ ok: true });
  const bulk = await bulkOf(host, task);
  const since = Date.now();
  await session.call('DELETE', '/session');
  await expect.poll(() => bulk.connected).toBe(false);
  process.stdout.write(`S-8: the terminal ended ${Date.now() - since} ms after its session was asked to\n`);
  await expect
    .poll(() =>
      stage.server.db.database.prisma.auditEntry.count({
        where: { objectId: task, action: 'terminal.close' },
      }),
    )
    .toBe(1);
  await stage.endTasks();
});

test('S-8 who may only look opens no terminal, and a ticket opens nothing for another host or twice', async () => {
  const [host, thief] = [await stage.startHost('s8-a'), await stage.startHost('s8-b')];
  const task = await stage.startTask(host, 1);
  const { socket: narrow } = await stage.openWith(['stack.read', 'service.logs']);
  expect(await narrow.emitWithAck('open', terminal(task))).toMatchObject({
    ok: false,
    code: 'permission.missing',
  });
  narrow.close();

  const page = await stage.openPage();
  await open(page, terminal(task));
  const request = host.opened[0]?.request as OpenRequest;
  for (const identity of [thief.identity, host.identity]) {
    const bulk = await dial(request.url, '/bulk', stage.credentialsOf(identity));
    bulk.emit('hello', { streamId: request.streamId, token: request.token, nodeId: identity.nodeId });
    await expect.poll(() => bulk.connected).toBe(false);
  }
  page.socket.close();
  await stage.endTasks();
});

test('S-8 a terminal in a container that has the host needs the rights that it was deployed with', async () => {
  const host = await stage.startHost('s8-c');
  const privileged = uuid();
  const made = {
    id: privileged,
    serviceId: stage.serviceId,
    number: 8,
    stackVersion: 1,
    specHash: 'y',
    createdBy: 'admin',
  };
  const spec = ServiceSpec.parse({ image: 'web', privileged: true });
  await stage.server.db.database.prisma.revision.create({
    data: { ...made, pin: {}, spec, sealedEnvironment: '' },
  });
  const task = await stage.startTask(host, 1, { revisionId: privileged });
  const may = ['stack.read', 'service.exec'];
  const { socket: refused } = await stage.openWith(may);
  expect(await refused.emitWithAck('open', terminal(task))).toMatchObject({
    ok: false,
    code: 'permission.missing',
    message: expect.stringContaining('host.privileged'),
  });
  expect(host.opened).toEqual([]);
  const { socket: allowed } = await stage.openWith([...may, 'host.privileged']);
  expect(await allowed.emitWithAck('open', terminal(task))).toMatchObject({ ok: true });
  refused.close();
  allowed.close();
  await stage.endTasks();
});

test('a terminal that the agent cannot open is refused with its sentence', async () => {
  const host = await stage.startHost('refuses', { opened: false, reason: 'The container has just ended.' });
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage();
  expect(await open(page, terminal(task))).toMatchObject({
    ok: false,
    message: 'The container has just ended.',
  });
  const ended = await stage.startTask(host, 2, { state: 'failed', endedAt: new Date() });
  expect(await open(page, terminal(ended))).toMatchObject({
    ...{ ok: false, code: 'conflict.state' },
    hint: 'A terminal needs one; its log can still be read.',
  });
  page.socket.close();
  await stage.endTasks();
});

test('a terminal goes on when the server that held the connection of its agent ends', async () => {
  const third = await createServer(stage.server.server.platform.options);
  const host = await stage.startHost('moves', { opened: true, reason: '' }, third);
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage(stage.other.consoleUrl);
  const { streamId } = await open(page, terminal(task));
  const bulk = await bulkOf(host, task);
  await third.close();
  await expect.poll(() => host.agent.disconnected()).toBeDefined();
  const typed: string[] = [];
  bulk.on('input', ({ bytes }: { bytes: Buffer }) => typed.push(bytes.toString()));
  page.socket.emit('input', { streamId, bytes: Buffer.from('still here') });
  bulk.emit('data', { sequence: 1, bytes: Buffer.from('and I') });
  await expect.poll(() => [typed.join(''), page.bytes()]).toEqual(['still here', 'and I']);
  page.socket.close();
  await stage.endTasks();
});

test('S-8 the terminal of a server that was killed ends in the audit too, once', async () => {
  const { database } = stage.server.db;
  const host = await stage.startHost('orphan');
  const task = await stage.startTask(host, 1);
  const user = await database.prisma.user.findFirstOrThrow();
  const row = { id: uuid(), taskId: task, nodeId: host.identity.nodeId, serverId: uuid(), userId: user.id };
  const [opened, deadline] = [new Date(Date.now() - 120_000), new Date(Date.now() + 120_000)];
  await database.prisma.stream.create({
    data: {
      ...{ ...row, kind: 'terminal', permission: 'service.exec', tokenHash: 'x' },
      ...{ openedAt: opened, deadline },
    },
  });
  for (let round = 0; round < 2; round += 1) await tidyStreams(database, new Date());
  const ended = await database.prisma.stream.findUniqueOrThrow({ where: { id: row.id } });
  expect(ended.endReason).toBe('The server that carried it ended.');
  const entries = await database.prisma.auditEntry.findMany({ where: { objectId: task } });
  expect(entries).toMatchObject([
    { action: 'terminal.close', objectName: 'web.1', detail: { openedBy: user.name, node: 'orphan' } },
  ]);
  await stage.endTasks();
});

test('B5 the streams of a removed node end', async () => {
  const host = await stage.startHost('b5');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage(stage.other.consoleUrl);
  await open(page, terminal(task));
  await stage.admin.call('DELETE', `/nodes/${host.identity.nodeId}`);
  await expect.poll(() => page.ends).toHaveLength(1);
  page.socket.close();
});
