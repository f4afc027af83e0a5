import { bulkCost, INITIAL_CREDIT } from '@portreeve/agent-protocol';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { said } from '../agents/testing/service-stage.ts';
import { publishChange } from '../live/changes.ts';
import { bulkOf, line, open, type StreamsStage, startStreamsStage } from './test-streams.ts';

let stage: StreamsStage;
beforeAll(async () => {
  stage = await startStreamsStage();
});
afterAll(() => stage.close());

test('logs of every task of a service come merged by time, with slot and revision, and end when all have', async () => {
  const [one, two] = [await stage.startHost('logs-1'), await stage.startHost('logs-2')];
  const [a, b] = [await stage.startTask(one, 1), await stage.startTask(two, 2)];
  const page = await stage.openPage();
  expect(await open(page, { kind: 'logs', serviceId: stage.serviceId, follow: false })).toMatchObject({
    ok: true,
  });
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
      stage.server.db.database.prisma.stream.count({
        where: { taskId: { in: [a, b] }, endedAt: { not: null } },
      }),
    )
    .toBe(2);
  page.socket.close();
  await stage.endTasks();
});

test('a followed log goes on with tasks that come later', async () => {
  const host = await stage.startHost('follow');
  const first = await stage.startTask(host, 1);
  const page = await stage.openPage();
  await open(page, { kind: 'logs', serviceId: stage.serviceId, follow: true });
  (await bulkOf(host, first)).emit('data', { sequence: 1, lines: [line(first, 1, 'old')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toEqual(['old']);
  const second = await stage.startTask(host, 1);
  await host.agent.report([said(second)]);
  (await bulkOf(host, second)).emit('data', { sequence: 1, lines: [line(second, 2, 'new')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toEqual(['old', 'new']);
  page.socket.close();
  await stage.endTasks();
});

test('a page has twenty streams at most, also when it asks for more at once', async () => {
  const host = await stage.startHost('many');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage();
  const asked = Array.from({ length: 25 }, () => open(page, { kind: 'logs', taskIds: [task], follow: true }));
  const answers = await Promise.all(asked);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(20);
  expect(answers.find(({ ok }) => !ok)).toMatchObject({ code: 'too-large' });
  await expect.poll(() => host.opened.length).toBe(20);
  page.socket.close();
  await stage.endTasks();
});

test('a followed log takes in a task that waited for a node, with its first line', async () => {
  const host = await stage.startHost('waits');
  const task = await stage.startTask(host, 1, { nodeId: null, state: 'pending' });
  const page = await stage.openPage();
  await open(page, { kind: 'logs', serviceId: stage.serviceId, follow: true, tail: 5 });
  await stage.server.db.database.prisma.task.update({
    where: { id: task },
    data: { nodeId: host.identity.nodeId, state: 'assigned' },
  });
  await publishChange(stage.server.db.database.prisma, { kind: 'task', ids: [task, stage.serviceId] });
  (await bulkOf(host, task)).emit('data', { sequence: 1, lines: [line(task, 1, 'begun')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toEqual(['begun']);
  expect(host.opened[0]?.request.open).not.toHaveProperty('tail');
  page.socket.close();
  await stage.endTasks();
});

test('a followed log goes on after the link of the agent was cut: no line twice, none lost', async () => {
  const host = await stage.startHost('cut');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage();
  await open(page, { kind: 'logs', serviceId: stage.serviceId, follow: true });
  const texts = () => page.lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
  const all = [line(task, 1, 'old'), line(task, 9, 'one'), line(task, 9, 'two'), line(task, 10, 'three')];
  const first = await bulkOf(host, task);
  first.emit('data', { sequence: 1, lines: all.slice(0, 2) });
  await expect.poll(texts).toEqual(['old', 'one']);
  first.disconnect();
  await expect.poll(() => host.opened.length).toBe(2);
  const again = host.opened[1];
  expect(again?.request.open).toMatchObject({
    follow: true,
    since: line(task, 8, '').at,
  });
  expect(again?.request.open).not.toHaveProperty('tail');
  again?.bulk.emit('data', { sequence: 1, lines: all.slice(1) });
  await expect.poll(texts).toEqual(['old', 'one', 'two', 'three']);
  expect(page.lines.find(({ stream }) => stream === 'life')?.text).toBe(
    'The log on cut cannot be read now: The connection of the agent ended. It goes on here when it can be.',
  );
  expect(page.ends).toEqual([]);
  page.socket.close();
  await stage.endTasks();
});

test('a followed log begins when the agent that was away is back', async () => {
  const host = await stage.startHost('away');
  const task = await stage.startTask(host, 1);
  host.agent.close();
  const { prisma } = stage.server.db.database;
  const row = () => prisma.node.findUniqueOrThrow({ where: { id: host.identity.nodeId } });
  await expect.poll(async () => (await row()).connectedTo).toBeNull();
  const page = await stage.openPage();
  await open(page, { kind: 'logs', taskIds: [task], follow: true, tail: 5 });
  await expect.poll(() => page.lines.map(({ text }) => text).join()).toContain('It goes on here');
  await host.comeBack();
  (await bulkOf(host, task)).emit('data', { sequence: 1, lines: [line(task, 1, 'here')] });
  await expect.poll(() => page.lines.map(({ text }) => text)).toContain('here');
  expect(host.opened[0]?.request.open).toMatchObject({ tail: 5 });
  expect(await prisma.stream.count({ where: { taskId: task } })).toBe(1);
  page.socket.close();
  await stage.endTasks();
});

test('a followed log of a task that ended while its agent was away ends with a sentence', async () => {
  const host = await stage.startHost('gone-for-good');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage();
  await open(page, { kind: 'logs', taskIds: [task], follow: true });
  const bulk = await bulkOf(host, task);
  await stage.server.db.database.prisma.task.update({
    where: { id: task },
    data: { state: 'lost', endedAt: new Date() },
  });
  host.agent.close();
  bulk.disconnect();
  await expect.poll(() => page.ends).toMatchObject([{ reason: 'That is all there is.' }]);
  expect(page.lines.at(-1)?.text).toMatch(/^The log on gone-for-good cannot be read now: The agent/);
  page.socket.close();
  await stage.endTasks();
});

test('a task whose host cannot be asked says so in the log, and the others are read', async () => {
  const [well, gone] = [await stage.startHost('well'), await stage.startHost('gone')];
  const [a, b] = [await stage.startTask(well, 1), await stage.startTask(gone, 2)];
  gone.agent.close();
  await expect
    .poll(() => stage.server.db.database.prisma.node.findUnique({ where: { id: gone.identity.nodeId } }))
    .toMatchObject({ connectedTo: null });
  const page = await stage.openPage();
  await open(page, { kind: 'logs', taskIds: [a, b], follow: false });
  const bulk = await bulkOf(well, a);
  bulk.emit('data', { sequence: 1, lines: [line(a, 1, 'here')] });
  bulk.emit('end', { reason: 'all' });
  await expect.poll(() => page.ends).toHaveLength(1);
  const [said] = page.lines.filter(({ stream }) => stream === 'life');
  expect(said?.text).toContain('The agent of gone is not connected');
  expect(page.lines.map(({ text }) => text)).toContain('here');
  page.socket.close();
  await stage.endTasks();
});

test('B2 credit comes back only for what the page took, so a page that stalls stops the agent', async () => {
  const host = await stage.startHost('credit');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage();
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
  await stage.endTasks();
});

test('ten thousand lines reach the page, all of them and in order', async () => {
  const host = await stage.startHost('fast');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage();
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
    await expect.poll(() => credit > bulkCost({ lines }), { interval: 1 }).toBe(true);
    credit -= bulkCost({ lines });
    bulk.emit('data', { sequence, lines });
  }
  await expect.poll(() => page.lines.length, { interval: 5 }).toBe(10_000);
  process.stdout.write(`ten thousand lines reached the page in ${Date.now() - began} ms\n`);
  expect(page.lines.every(({ text }, i) => text === `line ${i}`)).toBe(true);
  page.socket.close();
  await stage.endTasks();
});

test('the last lines of an ended task are log: for those who may read logs', async () => {
  const host = await stage.startHost('tails');
  const task = await stage.startTask(host, 9, { state: 'failed' });
  const record = {
    ...{ attempt: 1, containerId: 'c', endedAt: new Date().toISOString(), outOfMemory: false },
    ...{ endedBy: 'itself', reason: 'it ended', logTail: 'canary in the log', healthOutput: 'canary too' },
  };
  await stage.server.db.database.prisma.taskExit.create({
    data: { id: uuid(), taskId: task, attempt: 1, endedAt: new Date(), record },
  });
  const seenWith = async (permissions: string[]): Promise<string[]> => {
    const { token, socket } = await stage.openWith(permissions);
    socket.close();
    const bearer = { authorization: `Bearer ${token}` };
    const { serviceId } = await stage.server.db.database.prisma.task.findUniqueOrThrow({
      where: { id: task },
    });
    const places = [`/tasks/${task}`, `/services/${serviceId}`];
    const answers = places.map((place) => stage.server.anonymous.call('GET', place, undefined, bearer));
    return (await Promise.all(answers)).map(({ text }) => text);
  };
  for (const answer of await seenWith(['stack.read'])) {
    expect(answer).toContain('it ended');
    expect(answer).not.toContain('canary');
  }
  for (const answer of await seenWith(['stack.read', 'service.logs'])) expect(answer).toContain('canary too');
  await stage.endTasks();
});
