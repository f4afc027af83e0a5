import { bulkCost, INITIAL_CREDIT, type LogLine, type RequestBody } from '@portreeve/agent-protocol';
import type { StreamLine } from '@portreeve/contract';
import { ServiceSpec } from '@portreeve/domain';
import type { Socket } from 'socket.io-client';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAgent, dial, type Identity, join, type TestAgent } from '../agents/testing/test-agent.ts';
import { createServer, type PortreeveServer } from '../app.ts';
import { publishChange } from '../live/changes.ts';
import { openBrowserSocket } from '../live/test-socket.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { tidyStreams } from './tidy.ts';

type OpenRequest = Extract<RequestBody, { kind: 'open-stream' }>;
type Host = {
  identity: Identity;
  agent: TestAgent;
  opened: { request: OpenRequest; bulk: Socket }[];
  connect(): Promise<TestAgent>;
};

let server: TestServer;
let other: PortreeveServer;
let admin: Client;
let serviceId: string;
let revisionId: string;
beforeAll(async () => {
  server = await startTestServer();
  other = await createServer(server.server.platform.options);
  admin = await server.administrator();
  const { prisma } = server.db.database;
  const root = await prisma.project.findFirstOrThrow();
  const stackId = uuid();
  serviceId = uuid();
  revisionId = uuid();
  await prisma.stack.create({ data: { id: stackId, projectId: root.id, name: 'shop' } });
  await prisma.service.create({ data: { id: serviceId, stackId, name: 'web' } });
  await prisma.revision.create({
    data: {
      ...{
        id: revisionId,
        serviceId,
        number: 7,
        stackVersion: 1,
        specHash: 'x',
        createdBy: 'admin',
        pin: {},
      },
      spec: ServiceSpec.parse({ image: 'web' }),
      sealedEnvironment: '',
    },
  });
});
afterAll(async () => {
  await other.close();
  await server.close();
});

/** A host whose agent dials in with every stream it is asked for, and then does what the test makes it do. */
const startHost = async (
  name: string,
  answer = { opened: true, reason: '' },
  { platform, agentUrl } = server.server,
): Promise<Host> => {
  const { token } = (await admin.call('POST', '/join-tokens', {})).json as { token: string };
  const identity = await join(agentUrl, platform.ca.certificatePem, token, name);
  const opened: Host['opened'] = [];
  const connect = () =>
    connectAgent(agentUrl, identity, {}, async (body) => {
      const request = body as OpenRequest;
      if (request.kind !== 'open-stream' || !answer.opened) return { ok: true, value: answer };
      opened.push({ request, bulk: await dialIn(identity, request) });
      return { ok: true, value: answer };
    });
  return { identity, agent: await connect(), opened, connect };
};
const comeBack = async (host: Host): Promise<void> => {
  host.agent = await host.connect();
};
const credentialsOf = ({ keyPem, certificatePem }: Identity) => ({
  ca: server.server.platform.ca.certificatePem,
  keyPem,
  certificatePem,
});
const dialIn = async (identity: Identity, { streamId, token, url }: OpenRequest): Promise<Socket> => {
  const bulk = await dial(url, '/bulk', credentialsOf(identity));
  await bulk.timeout(5_000).emitWithAck('hello', { streamId, token, nodeId: identity.nodeId });
  return bulk;
};
const startTask = async (host: Host, slot: number, over: object = {}): Promise<string> => {
  const id = uuid();
  const nodeId = host.identity.nodeId;
  await server.db.database.prisma.task.create({
    data: { id, serviceId, revisionId, slot, nodeId, state: 'running', ...over },
  });
  return id;
};
const endTasks = () =>
  server.db.database.prisma.task.updateMany({ data: { state: 'stopped', endedAt: new Date(0) } });
const line = (taskId: string, second: number, text: string): LogLine => ({
  ...{ taskId, text, stream: 'stdout', attempt: 1 },
  at: new Date(1_700_000_000_000 + second * 1_000).toISOString(),
});
type Page = {
  socket: Socket;
  lines: StreamLine[];
  bytes: () => string;
  ends: { reason: string; exitCode?: number }[];
};
const openPage = async (url = server.server.consoleUrl, client = admin): Promise<Page> => {
  const socket = await openBrowserSocket(url, client, { namespace: '/streams' });
  const lines: StreamLine[] = [];
  const ends: Page['ends'] = [];
  const pieces: Buffer[] = [];
  socket.on('lines', (message: { streamId: string; lines: StreamLine[] }) => {
    lines.push(...message.lines);
    const bytes = message.lines.reduce((sum, { text }) => sum + text.length, 0);
    socket.emit('consumed', { streamId: message.streamId, bytes });
  });
  socket.on('bytes', (message: { bytes: Buffer }) => pieces.push(message.bytes));
  socket.on('end', (end) => ends.push(end));
  return { socket, lines, ends, bytes: () => Buffer.concat(pieces).toString() };
};
type Answer = { ok: boolean; streamId: string; code?: string; message?: string };
const open = (page: Page, request: object): Promise<Answer> =>
  page.socket.timeout(10_000).emitWithAck('open', request);
const bulkOf = async (host: Host, taskId: string): Promise<Socket> => {
  const found = () => host.opened.find(({ request }) => request.open.taskId === taskId)?.bulk;
  await expect.poll(found).toBeDefined();
  return found() as Socket;
};
const terminal = (taskId: string) => ({ kind: 'terminal', taskId, columns: 80, rows: 24 });

test('logs of every task of a service come merged by time, with slot and revision, and end when all have', async () => {
  const [one, two] = [await startHost('logs-1'), await startHost('logs-2')];
  const [a, b] = [await startTask(one, 1), await startTask(two, 2)];
  const page = await openPage();
  expect(await open(page, { kind: 'logs', serviceId, follow: false })).toMatchObject({ ok: true });
  const [fromA, fromB] = [await bulkOf(one, a), await bulkOf(two, b)];
  fromB.emit('data', { sequence: 1, lines: [line(b, 2, 'b2'), line(b, 4, 'b4')] });
  fromB.emit('end', { reason: 'all' });
  fromA.emit('data', { sequence: 1, lines: [line(a, 1, 'a1'), line(a, 3, 'a3')] });
  fromA.emit('end', { reason: 'all' });
  await expect.poll(() => page.ends).toMatchObject([{ reason: 'That is all there is.' }]);
  expect(page.lines.map(({ text, slot, revision }) => [text, slot, revision])).toEqual([
    ['a1', 1, 7],
    ['b2', 2, 7],
    ['a3', 1, 7],
    ['b4', 2, 7],
  ]);
  await expect
    .poll(() =>
      server.db.database.prisma.stream.count({ where: { taskId: { in: [a, b] }, endedAt: { not: null } } }),
    )
    .toBe(2);
  page.socket.close();
  await endTasks();
});

test('a followed log goes on with tasks that come later', async () => {
  const host = await startHost('follow');
  const first = await startTask(host, 1);
  const page = await openPage();
  await open(page, { kind: 'logs', serviceId, follow: true });
  (await bulkOf(host, first)).emit('data', { sequence: 1, lines: [line(first, 1, 'old')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toEqual(['old']);
  const second = await startTask(host, 1);
  await host.agent.report([
    {
      taskId: second,
      state: 'running',
      ready: true,
      at: new Date().toISOString(),
      attempt: 1,
      imageReady: true,
      reason: '',
    },
  ]);
  (await bulkOf(host, second)).emit('data', { sequence: 1, lines: [line(second, 2, 'new')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toEqual(['old', 'new']);
  page.socket.close();
  await endTasks();
});

test('a followed log takes in a task that waited for a node, with its first line', async () => {
  const host = await startHost('waits');
  const task = await startTask(host, 1, { nodeId: null, state: 'pending' });
  const page = await openPage();
  await open(page, { kind: 'logs', serviceId, follow: true, tail: 5 });
  await server.db.database.prisma.task.update({
    where: { id: task },
    data: { nodeId: host.identity.nodeId, state: 'assigned' },
  });
  await publishChange(server.db.database.prisma, { kind: 'task', ids: [task, serviceId] });
  (await bulkOf(host, task)).emit('data', { sequence: 1, lines: [line(task, 1, 'begun')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toEqual(['begun']);
  expect(host.opened[0]?.request.open).not.toHaveProperty('tail');
  page.socket.close();
  await endTasks();
});

test('a followed log goes on after the link of the agent was cut: no line twice, none lost', async () => {
  const host = await startHost('cut');
  const task = await startTask(host, 1);
  const page = await openPage();
  await open(page, { kind: 'logs', serviceId, follow: true });
  const texts = () => page.lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
  const all = [line(task, 1, 'old'), line(task, 9, 'one'), line(task, 9, 'two'), line(task, 10, 'three')];
  const first = await bulkOf(host, task);
  first.emit('data', { sequence: 1, lines: all.slice(0, 2) });
  await expect.poll(texts).toEqual(['old', 'one']);
  first.disconnect();
  await expect.poll(() => host.opened.length).toBe(2);
  const again = host.opened[1] as Host['opened'][number];
  expect(again.request.open).toMatchObject({
    follow: true,
    since: line(task, 8, '').at,
  });
  expect(again.request.open).not.toHaveProperty('tail');
  again.bulk.emit('data', { sequence: 1, lines: all.slice(1) });
  await expect.poll(texts).toEqual(['old', 'one', 'two', 'three']);
  expect(page.lines.find(({ stream }) => stream === 'life')?.text).toBe(
    'The log on cut cannot be read now: The connection of the agent ended. It goes on here when it can be.',
  );
  expect(page.ends).toEqual([]);
  page.socket.close();
  await endTasks();
});

test('a followed log begins when the agent that was away is back', async () => {
  const host = await startHost('away');
  const task = await startTask(host, 1);
  host.agent.close();
  const { prisma } = server.db.database;
  const row = () => prisma.node.findUniqueOrThrow({ where: { id: host.identity.nodeId } });
  await expect.poll(async () => (await row()).connectedTo).toBeNull();
  const page = await openPage();
  await open(page, { kind: 'logs', taskIds: [task], follow: true, tail: 5 });
  await expect.poll(() => page.lines.map(({ text }) => text).join()).toContain('It goes on here');
  await comeBack(host);
  (await bulkOf(host, task)).emit('data', { sequence: 1, lines: [line(task, 1, 'here')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toContain('here');
  expect(host.opened[0]?.request.open).toMatchObject({ tail: 5 });
  expect(await prisma.stream.count({ where: { taskId: task } })).toBe(1);
  page.socket.close();
  await endTasks();
});

test('a followed log of a task that ended while its agent was away ends with a sentence', async () => {
  const host = await startHost('gone-for-good');
  const task = await startTask(host, 1);
  const page = await openPage();
  await open(page, { kind: 'logs', taskIds: [task], follow: true });
  const bulk = await bulkOf(host, task);
  await server.db.database.prisma.task.update({
    where: { id: task },
    data: { state: 'lost', endedAt: new Date() },
  });
  host.agent.close();
  bulk.disconnect();
  await expect.poll(() => page.ends).toMatchObject([{ reason: 'That is all there is.' }]);
  expect(page.lines.at(-1)?.text).toMatch(/^The log on gone-for-good cannot be read now: The agent/);
  page.socket.close();
  await endTasks();
});

test('a task whose host cannot be asked says so in the log, and the others are read', async () => {
  const [well, gone] = [await startHost('well'), await startHost('gone')];
  const [a, b] = [await startTask(well, 1), await startTask(gone, 2)];
  gone.agent.close();
  await expect
    .poll(() => server.db.database.prisma.node.findUnique({ where: { id: gone.identity.nodeId } }))
    .toMatchObject({ connectedTo: null });
  const page = await openPage();
  await open(page, { kind: 'logs', taskIds: [a, b], follow: false });
  const bulk = await bulkOf(well, a);
  bulk.emit('data', { sequence: 1, lines: [line(a, 1, 'here')] });
  bulk.emit('end', { reason: 'all' });
  await expect.poll(() => page.ends).toHaveLength(1);
  const [said] = page.lines.filter(({ stream }) => stream === 'life');
  expect(said?.text).toContain('The agent of gone is not connected');
  expect(page.lines.map(({ text }) => text)).toContain('here');
  page.socket.close();
  await endTasks();
});

test('B2 credit comes back only for what the page took, so a page that stalls stops the agent', async () => {
  const host = await startHost('credit');
  const task = await startTask(host, 1);
  const page = await openPage();
  page.socket.off('lines');
  await open(page, { kind: 'logs', taskIds: [task] });
  const bulk = await bulkOf(host, task);
  let granted = 0;
  bulk.on('credit', ({ bytes }: { bytes: number }) => {
    granted += bytes;
  });
  const lines = Array.from({ length: 100 }, (_, i) => line(task, i, 'x'.repeat(2_000)));
  const cost = bulkCost({ lines });
  expect(cost).toBeLessThan(INITIAL_CREDIT);
  const got = new Promise<{ streamId: string }>((resolve) => page.socket.once('lines', resolve));
  bulk.emit('data', { sequence: 1, lines });
  const { streamId } = await got;
  expect(granted).toBe(0);
  page.socket.emit('consumed', { streamId, bytes: cost });
  await expect.poll(() => granted).toBe(cost);
  page.socket.close();
  await endTasks();
});

test('ten thousand lines a second reach the page, all of them and in order', async () => {
  const host = await startHost('fast');
  const task = await startTask(host, 1);
  const page = await openPage();
  await open(page, { kind: 'logs', taskIds: [task] });
  const bulk = await bulkOf(host, task);
  let credit = INITIAL_CREDIT;
  bulk.on('credit', ({ bytes }: { bytes: number }) => {
    credit += bytes;
  });
  const began = Date.now();
  for (let sequence = 0; sequence < 50; sequence += 1) {
    const lines = Array.from({ length: 200 }, (_, i) =>
      line(task, sequence * 200 + i, `line ${sequence * 200 + i}`),
    );
    await expect.poll(() => credit > bulkCost({ lines }), { interval: 1, timeout: 5_000 }).toBe(true);
    credit -= bulkCost({ lines });
    bulk.emit('data', { sequence, lines });
  }
  await expect.poll(() => page.lines.length, { interval: 5, timeout: 5_000 }).toBe(10_000);
  expect(Date.now() - began).toBeLessThan(3_000);
  expect(page.lines.every(({ text }, i) => text === `line ${i}`)).toBe(true);
  page.socket.close();
  await endTasks();
});

test('a terminal works with browser and agent at different servers, types both ways and tells its exit code', async () => {
  const host = await startHost('term');
  const task = await startTask(host, 1);
  const page = await openPage(other.consoleUrl);
  const { ok, streamId } = await open(page, terminal(task));
  expect(ok).toBe(true);
  const bulk = await bulkOf(host, task);
  expect(host.opened[0]?.request).toMatchObject({
    url: other.agentUrl,
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
        await server.db.database.prisma.auditEntry.findMany({
          where: { objectId: task },
          orderBy: { at: 'asc' },
        })
      ).map(({ action }) => action),
    )
    .toEqual(['terminal.open', 'terminal.close']);
  page.socket.close();
  await endTasks();
});

test('S-8 an open terminal ends with the session of who opened it, and the end is audited', async () => {
  const host = await startHost('s8');
  const task = await startTask(host, 1);
  const session = await server.signIn();
  const page = await openPage(other.consoleUrl, session);
  expect(await open(page, terminal(task))).toMatchObject({ ok: true });
  const bulk = await bulkOf(host, task);
  const since = Date.now();
  await session.call('DELETE', '/session');
  await expect.poll(() => bulk.connected).toBe(false);
  expect(Date.now() - since).toBeLessThan(2_000);
  await expect
    .poll(() =>
      server.db.database.prisma.auditEntry.count({ where: { objectId: task, action: 'terminal.close' } }),
    )
    .toBe(1);
  await endTasks();
});

test('S-8 who may only look opens no terminal, and a ticket opens nothing for another host or twice', async () => {
  const [host, thief] = [await startHost('s8-a'), await startHost('s8-b')];
  const task = await startTask(host, 1);
  const made = await admin.call('POST', '/me/tokens', {
    name: 'look',
    permissions: ['stack.read', 'service.logs'],
  });
  const { token } = made.json as { token: string };
  const narrow = await openBrowserSocket(server.server.consoleUrl, undefined, {
    namespace: '/streams',
    headers: {},
    auth: { token },
  });
  expect(await narrow.emitWithAck('open', terminal(task))).toMatchObject({
    ok: false,
    code: 'permission.missing',
  });
  narrow.close();

  const page = await openPage();
  await open(page, terminal(task));
  const request = host.opened[0]?.request as OpenRequest;
  for (const identity of [thief.identity, host.identity]) {
    const bulk = await dial(request.url, '/bulk', credentialsOf(identity));
    bulk.emit('hello', { streamId: request.streamId, token: request.token, nodeId: identity.nodeId });
    await expect.poll(() => bulk.connected).toBe(false);
  }
  page.socket.close();
  await endTasks();
});

/** A page of a token that may do no more than this. */
const openWith = async (permissions: string[]) => {
  const made = await admin.call('POST', '/me/tokens', { name: permissions.join('+'), permissions });
  const { token } = made.json as { token: string };
  const options = { namespace: '/streams', headers: {}, auth: { token } };
  const socket = await openBrowserSocket(server.server.consoleUrl, undefined, options);
  return { token, socket };
};

test('S-8 a terminal in a container that has the host needs the rights that it was deployed with', async () => {
  const host = await startHost('s8-c');
  const privileged = uuid();
  const made = { id: privileged, serviceId, number: 8, stackVersion: 1, specHash: 'y', createdBy: 'admin' };
  const spec = ServiceSpec.parse({ image: 'web', privileged: true });
  await server.db.database.prisma.revision.create({
    data: { ...made, pin: {}, spec, sealedEnvironment: '' },
  });
  const task = await startTask(host, 1, { revisionId: privileged });
  const may = ['stack.read', 'service.exec'];
  const { socket: refused } = await openWith(may);
  expect(await refused.emitWithAck('open', terminal(task))).toMatchObject({
    ok: false,
    code: 'permission.missing',
    message: expect.stringContaining('host.privileged'),
  });
  expect(host.opened).toEqual([]);
  const { socket: allowed } = await openWith([...may, 'host.privileged']);
  expect(await allowed.emitWithAck('open', terminal(task))).toMatchObject({ ok: true });
  refused.close();
  allowed.close();
  await endTasks();
});

test('the last lines of an ended task are log: for those who may read logs', async () => {
  const host = await startHost('tails');
  const task = await startTask(host, 1, { state: 'failed' });
  const record = {
    ...{ attempt: 1, containerId: 'c', endedAt: new Date().toISOString(), outOfMemory: false },
    ...{ endedBy: 'itself', reason: 'it ended', logTail: 'canary in the log', healthOutput: 'canary too' },
  };
  await server.db.database.prisma.taskExit.create({
    data: { id: uuid(), taskId: task, attempt: 1, endedAt: new Date(), record },
  });
  const seenWith = async (permissions: string[]): Promise<string> => {
    const { token, socket } = await openWith(permissions);
    socket.close();
    const bearer = { authorization: `Bearer ${token}` };
    return (await server.anonymous.call('GET', `/tasks/${task}`, undefined, bearer)).text;
  };
  expect(await seenWith(['stack.read'])).toContain('it ended');
  expect(await seenWith(['stack.read'])).not.toContain('canary');
  expect(await seenWith(['stack.read', 'service.logs'])).toContain('canary too');
  await endTasks();
});

test('a terminal that the agent cannot open is refused with its sentence', async () => {
  const host = await startHost('refuses', { opened: false, reason: 'The container has just ended.' });
  const task = await startTask(host, 1);
  const page = await openPage();
  expect(await open(page, terminal(task))).toMatchObject({
    ok: false,
    message: 'The container has just ended.',
  });
  const ended = await startTask(host, 2, { state: 'failed', endedAt: new Date() });
  expect(await open(page, terminal(ended))).toMatchObject({ ok: false, code: 'conflict.state' });
  page.socket.close();
  await endTasks();
});

test('a terminal goes on when the server that held the connection of its agent ends', async () => {
  const third = await createServer(server.server.platform.options);
  const host = await startHost('moves', { opened: true, reason: '' }, third);
  const task = await startTask(host, 1);
  const page = await openPage(other.consoleUrl);
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
  await endTasks();
});

test('S-8 the terminal of a server that was killed ends in the audit too, once', async () => {
  const { database } = server.db;
  const host = await startHost('orphan');
  const task = await startTask(host, 1);
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
  await endTasks();
});

test('B5 the streams of a removed node end', async () => {
  const host = await startHost('b5');
  const task = await startTask(host, 1);
  const page = await openPage(other.consoleUrl);
  await open(page, terminal(task));
  await admin.call('DELETE', `/nodes/${host.identity.nodeId}`);
  await expect.poll(() => page.ends).toHaveLength(1);
  page.socket.close();
});
