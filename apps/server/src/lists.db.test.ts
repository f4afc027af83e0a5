import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SEALED } from './agents/sealed.ts';
import { encodeCursor } from './platform/cursor.ts';
import { allRoutes } from './platform/http/openapi.ts';
import { type Client, startTestServer, type TestServer } from './test-server.ts';

/** More than two pages of `LIMIT`, the last of them not full. */
const ROWS = 7;
const LIMIT = 3;

let test: TestServer;
let admin: Client;
let service: string;
let stack: string;

type Answer = { items: { id: string; name?: string }[]; next?: string; total?: number };
const read = async (path: string): Promise<Answer> => {
  const answer = await admin.call('GET', path);
  expect(answer.status, `${path}: ${answer.text}`).toBe(200);
  return answer.json as Answer;
};
const withQuery = (path: string, more: Record<string, string | number>): string => {
  const query = new URLSearchParams(Object.entries(more).map(([key, value]) => [key, String(value)]));
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
};

/** Ids of all pages one after the other, and how large each was. */
const walk = async (path: string, more: Record<string, string> = {}) => {
  const ids: string[] = [];
  const sizes: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(withQuery(path, { ...more, limit: LIMIT, ...(cursor && { cursor }) }));
    ids.push(...page.items.map(({ id }) => id));
    sizes.push(page.items.length);
    cursor = page.next;
  } while (cursor);
  return { ids, sizes };
};

/** Seven of each kind. Whatever can be alike in them is: only the id keeps them in order. */
const seed = async (): Promise<void> => {
  const { prisma } = test.server.platform.database;
  const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
  const user = await prisma.user.findFirstOrThrow({});
  const at = new Date();
  const later = new Date(at.getTime() + 3_600_000);
  const many = <T>(make: (n: number) => T): T[] => Array.from({ length: ROWS }, (_, n) => make(n + 1));
  stack = uuid();
  service = uuid();
  await prisma.stack.create({ data: { id: stack, projectId: root.id, name: 'shop' } });
  await prisma.service.create({ data: { id: service, stackId: stack, name: 'web', replicas: ROWS } });
  const own = { projectId: root.id, createdAt: at };
  await prisma.project.createMany({
    data: many((n) => ({ id: uuid(), path: `/p${n}`, parentId: root.id, createdAt: at })),
  });
  await prisma.joinToken.createMany({
    data: many((n) => ({
      ...{ id: uuid(), hash: `${n}`, usesLeft: 1, createdBy: 'admin', expiresAt: later, ...own },
    })),
  });
  const secrets = (n: number) => ({ cookieHash: `${n}`, pageSecretHash: `${n}` });
  await prisma.session.createMany({
    data: many((n) => ({
      ...{ id: uuid(), userId: user.id, expiresAt: later, seenAt: at, createdAt: at },
      ...{ address: '10.0.0.1', userAgent: 'browser', ...secrets(n) },
    })),
  });
  await prisma.token.createMany({
    data: many((n) => ({ id: uuid(), userId: user.id, name: 'ci', hash: `${n}`, createdAt: at })),
  });
  const { keys } = test.server.platform;
  await prisma.alertChannel.createMany({
    data: many((n) => {
      const id = uuid();
      const target = { kind: 'webhook', url: 'https://alerts.example/', secret: 's' };
      const sealedTarget = keys.seal(JSON.stringify(target), `alert-channel:${id}`);
      return { id, kind: 'webhook', name: `channel ${n}`, sealedTarget, createdAt: at };
    }),
  });
  await prisma.network.createMany({
    data: many((n) => ({
      ...{ id: uuid(), stackId: stack, name: `n${n}`, vni: n, subnet: `10.200.${n}.0/24`, ...own },
    })),
  });
  await prisma.volume.createMany({
    data: many((n) => ({ id: uuid(), stackId: stack, name: 'data', engineName: `v${n}`, ...own })),
  });
  for (const kind of ['config', 'secret'])
    await prisma.storedFile.createMany({
      data: many((n) => ({ id: uuid(), kind, name: `f${n}`, ...own })),
    });
  await prisma.registry.createMany({
    data: many((n) => ({ id: uuid(), host: `r${n}.example`, ...own })),
  });
  await prisma.alert.createMany({
    data: many((n) => ({
      ...{ id: uuid(), kind: 'test', key: `${n}`, severity: 'info', message: 'alike', since: at },
    })),
  });
  const digest = `sha256:${'1'.repeat(64)}`;
  const image = { reference: 'r.example/web:1', registry: 'r.example', repository: 'web' };
  const pin = { kind: 'digest', digest, ...image };
  const revisions = many((number) => ({
    ...{ id: uuid(), serviceId: service, number, stackVersion: 1, specHash: '', createdBy: 'admin' },
    ...{
      spec: ServiceSpec.parse({ image: 'web:1' }),
      pin,
    },
    createdAt: at,
  }));
  await prisma.revision.createMany({
    data: revisions.map(({ id, ...row }) => ({
      ...{ id, ...row, sealedEnvironment: keys.seal('{}', SEALED.environment(id)) },
    })),
  });
  const to = revisions[0]?.id ?? '';
  await prisma.service.update({ where: { id: service }, data: { currentRevisionId: to } });
  await prisma.rollout.createMany({
    data: many((number) => ({
      ...{ id: uuid(), serviceId: service, number, toRevisionId: to, state: 'succeeded' },
      ...{ cause: 'apply', causedBy: 'admin', startedAt: at, endedAt: at },
    })),
  });
  await prisma.task.createMany({
    data: many((slot) => ({ id: uuid(), serviceId: service, revisionId: to, slot, createdAt: at })),
  });
  await prisma.stackVersion.createMany({
    data: many((number) => ({
      ...{ id: uuid(), stackId: stack, number, entry: 'compose.yaml', files: {}, sealedValues: '' },
      ...{ appliedBy: 'admin', createdAt: at },
    })),
  });
};

/** Reads that a project may scope. The audit is not among them: it keeps what was done in projects that are gone. */
const ofProjects = (): string[] =>
  allRoutes()
    .filter(({ method, path }) => method === 'GET' && !path.includes(':'))
    .filter(({ query }) => query instanceof z.ZodObject && query.shape.project instanceof z.ZodOptional)
    .flatMap(({ path }) => (path.startsWith('/audit') ? [] : [path]));

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  await seed();
}, 60_000);
afterAll(() => test?.close());

describe('a list', () => {
  it.each([
    ['/projects', 'createdAt'],
    ['/join-tokens', 'expiresAt'],
    ['/me/sessions', 'address'],
    ['/me/tokens', 'name'],
    ['/alert-channels', 'kind'],
    ['/networks', 'addresses'],
    ['/volumes', 'name'],
    ['/configs', 'project'],
    ['/secrets', 'size'],
    ['/registries', 'project'],
    ['/alerts', 'severity'],
    ['/services/:service/tasks', 'createdAt'],
    ['/services/:service/revisions', 'number'],
    ['/services/:service/rollouts', 'state'],
    ['/stacks/:stack/versions', 'number'],
  ])('%s is cut into pages that hold every row once and in order, sorted by %s too', async (route, sort) => {
    const path = route.replace(':service', service).replace(':stack', stack);
    const whole = await read(withQuery(path, { limit: 500 }));
    expect(whole.next).toBeUndefined();
    expect(whole.items.length).toBeGreaterThanOrEqual(ROWS);
    expect(whole.total).toBe(whole.items.length);
    const paged = await walk(path);
    expect(paged.ids).toEqual(whole.items.map(({ id }) => id));
    expect(paged.sizes.slice(0, -1).every((size) => size === LIMIT)).toBe(true);

    const up = await walk(path, { sort, direction: 'asc' });
    const down = await walk(path, { sort, direction: 'desc' });
    expect(new Set(up.ids)).toEqual(new Set(paged.ids));
    expect(down.ids).toEqual(up.ids.toReversed());
  });

  it('goes on where it was when rows before and after the page come and go', async () => {
    const { prisma } = test.server.platform.database;
    const first = await read('/registries?limit=3');
    const gone = first.items[1]?.id ?? '';
    await prisma.registry.update({ where: { id: gone }, data: { removedAt: new Date() } });
    const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    await prisma.registry.create({ data: { id: uuid(), host: 'a.example', projectId: root.id } });
    const second = await read(withQuery('/registries', { limit: 3, cursor: first.next ?? '' }));
    const hosts = second.items.map((row) => (row as unknown as { host: string }).host);
    expect(hosts).toEqual(['r4.example', 'r5.example', 'r6.example']);
  });

  it('is searched before it is cut, whatever the case, and counts what was found', async () => {
    const found = await read('/networks?search=N7&limit=1');
    expect(found.items).toMatchObject([{ name: 'n7' }]);
    expect(found).toMatchObject({ total: 1 });
    expect(found.next).toBeUndefined();
    expect(await read('/networks?search=100%25_nothing')).toEqual({ items: [], total: 0 });
  });

  it('keeps to the project that was asked for', async () => {
    expect((await read('/projects?project=/p3')).items).toMatchObject([{ path: '/p3' }]);
    expect((await read('/networks?project=/p3')).items).toEqual([]);
    expect((await read('/join-tokens?project=/p3')).items).toEqual([]);
  });

  it.each(ofProjects())(
    '%s of a project that is not there is refused with the way out, not empty',
    async (path) => {
      const answer = await admin.call('GET', withQuery(path, { project: '/typo' }));
      expect(answer.json, answer.text).toMatchObject({
        ...{ status: 404, code: 'not-found', detail: 'There is no project /typo.' },
        hint: 'Choose one of the projects there are, or / for everything.',
      });
    },
  );

  it('of the activity keeps at the root what happened in a project that is gone', async () => {
    const { prisma } = test.server.platform.database;
    const made = await admin.call('POST', '/projects', { path: '/gone' });
    const { id: projectId } = made.json as { id: string };
    const event = { id: uuid(), at: new Date(), kind: 'stack', text: 'it had a stack', projectId };
    await prisma.event.create({ data: event });
    expect((await admin.call('DELETE', `/projects/${projectId}`)).status).toBe(204);
    for (const path of ['/activity', '/activity?project=/'])
      expect((await read(withQuery(path, { search: 'it had a stack' }))).items).toHaveLength(1);
    expect((await read('/activity?project=/p1&search=it+had+a+stack')).items).toEqual([]);
  });

  it('refuses a sort that it has not, and says those it has', async () => {
    const answer = await admin.call('GET', '/projects?sort=constructor');
    expect(answer.json).toMatchObject({
      code: 'request.invalid',
      hint: 'Sort it by path, stacks, nodes, createdAt.',
    });
    for (const path of ['/audit', '/activity'])
      expect((await admin.call('GET', `${path}?sort=actor`)).json).toMatchObject({
        code: 'request.invalid',
        hint: 'Sort it by at.',
      });
  });

  it('of the audit at the root holds what belongs to any project or to none, below it only what is there', async () => {
    await admin.call('POST', '/projects', { path: '/p1/inside' });
    const all = await read('/audit?limit=500');
    expect((await read('/audit?limit=500&project=/')).items).toHaveLength(all.items.length);
    expect((await read('/audit?project=/p1')).items).toMatchObject([{ action: 'project.create' }]);
    expect((await read('/audit?project=/p2')).items).toEqual([]);
  });

  it.each([
    ['no cursor at all', '%%%', '/projects'],
    ['one of another shape', Buffer.from('{"a":1}').toString('base64url'), '/services'],
    ['a key of another type', encodeCursor(['no time', uuid()]), '/join-tokens'],
    ['a day that is not in the calendar', encodeCursor(['2026-02-31', uuid()]), '/alerts'],
    ['an id that is none', encodeCursor(['/', 'x']), '/projects'],
    ['an id that is none of the audit', encodeCursor(['2026-01-01T00:00:00.000Z', 'x']), '/audit'],
  ])('refuses a cursor that is %s', async (_, cursor, path) => {
    const answer = await admin.call('GET', withQuery(path, { cursor }));
    expect(answer.json, answer.text).toMatchObject({ code: 'request.invalid' });
  });

  it('of tasks shows where each is, of which revision, and how its last attempt ended', async () => {
    const { prisma } = test.server.platform.database;
    const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    const revision = await prisma.revision.findFirstOrThrow({ where: { serviceId: service, number: 2 } });
    const task = { id: uuid(), serviceId: service, revisionId: revision.id, slot: ROWS + 1 };
    const node = { id: uuid(), projectId: root.id, name: 'of-the-task', state: 'lost' };
    await prisma.node.create({ data: node });
    const ended = { readyAt: new Date(), attempts: 3, state: 'running', ready: true, nodeId: node.id };
    await prisma.task.create({ data: { ...task, ...ended } });
    await prisma.taskExit.createMany({
      data: [1, 2].map((attempt) => ({
        ...{ id: uuid(), taskId: task.id, attempt, endedAt: new Date() },
        record: {
          ...{ attempt, endedAt: '2026-01-01T00:00:00.000Z', outOfMemory: false, reason: `end ${attempt}` },
          ...{ containerId: 'c', endedBy: 'engine', logTail: '' },
        },
      })),
    });
    const { items } = await read(`/services/${service}/tasks?limit=500`);
    expect(items).toHaveLength(ROWS + 1);
    expect(items[0]).toMatchObject({ slot: 1, revision: 1, node: null, lastExit: null });
    expect(items.at(-1)).toMatchObject({
      ...{ id: task.id, serviceName: 'web', stackName: 'shop', revision: 2, restarts: 2, ready: true },
      ...{ node: { id: node.id, name: 'of-the-task' }, health: 'unknown' },
      lastExit: { at: '2026-01-01T00:00:00.000Z', exitCode: null, outOfMemory: false, reason: 'end 2' },
    });
    const single = (await admin.call('GET', `/tasks/${task.id}`)).json;
    expect((await admin.call('GET', `/nodes/${node.id}`)).json).toMatchObject({
      taskList: [{ id: task.id }],
    });
    expect(single).toMatchObject({ id: task.id, node: { id: node.id } });
    await prisma.task.delete({ where: { id: task.id } });
    await prisma.node.delete({ where: { id: node.id } });
  });

  it('shows each operation under way once, rollouts and drains, newest first', async () => {
    const { prisma } = test.server.platform.database;
    const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    const revision = await prisma.revision.findFirstOrThrow({ where: { serviceId: service } });
    for (let n = 1; n <= ROWS; n += 1) {
      const nodeId = uuid();
      const startedAt = new Date(Date.now() - n * 1_000);
      const row = { id: nodeId, projectId: root.id, name: `node-${n}`, state: 'ready' };
      await prisma.node.create({ data: { ...row, availability: 'draining', joinedAt: startedAt } });
      const id = uuid();
      await prisma.service.create({ data: { id, stackId: stack, name: `s${n}` } });
      await prisma.task.create({
        data: { id: uuid(), serviceId: id, revisionId: revision.id, slot: 1, nodeId, state: 'running' },
      });
      await prisma.rollout.create({
        data: {
          ...{ id: uuid(), serviceId: id, number: 1, toRevisionId: revision.id, state: 'paused' },
          ...{ cause: 'apply', causedBy: 'admin', startedAt, reason: 'held for the test' },
        },
      });
    }
    const whole = await read('/operations?limit=500');
    expect(whole.items).toHaveLength(2 * ROWS);
    const kinds = whole.items.map((item) => (item as unknown as { kind: string }).kind);
    expect(kinds.filter((kind) => kind === 'drain')).toHaveLength(ROWS);
    const starts = whole.items.map((item) => (item as unknown as { startedAt: string }).startedAt);
    expect(starts).toEqual(starts.toSorted().toReversed());
    expect((await walk('/operations')).ids).toEqual(whole.items.map(({ id }) => id));
  });

  it('of nodes begins with what stands worst', async () => {
    const { prisma } = test.server.platform.database;
    const { id: projectId } = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    for (const [name, state] of [
      ['a-well', 'ready'],
      ['z-lost', 'lost'],
    ] as const)
      await prisma.node.create({ data: { id: uuid(), projectId, name, state, joinedAt: new Date() } });
    expect((await read('/nodes')).items[0]).toMatchObject({ name: 'z-lost' });
    expect((await read('/nodes?sort=name')).items[0]).toMatchObject({ name: 'a-well' });
  });
});
