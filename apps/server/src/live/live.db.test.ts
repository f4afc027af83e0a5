import { applyDelta, type DeltaStep, type Json } from '@portreeve/contract';
import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { publishChange } from './changes.ts';
import { type Delta, openBrowserSocket } from './test-socket.ts';

let server: TestServer;
let other: TestServer['server'];
let admin: Client;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.administrator();
  const { createServer } = await import('../app.ts');
  other = await createServer(server.server.platform.options);
});
afterAll(async () => {
  await other.close();
  await server.close();
});

type Answer = { ok: boolean; snapshot: Json; version: number; code?: string };
const watch = (socket: Socket, route: string, more: object = {}): Promise<Answer> =>
  socket.timeout(5_000).emitWithAck('watch', { watchId: route, route, params: {}, query: {}, ...more });
const makeToken = (description: string) => admin.call('POST', '/join-tokens', { description });
const items = (value: Json): string[] =>
  (value as { items: { description: string }[] }).items.map(({ description }) => description).sort();

test('a watch gives what the route gives, then the differences, also of what happened at another server', async () => {
  const socket = await openBrowserSocket(other.consoleUrl, admin);
  const { ok, snapshot, version } = await watch(socket, 'join-tokens.list');
  expect({ ok, version }).toEqual({ ok: true, version: 0 });
  let shown = snapshot;
  const versions: number[] = [];
  socket.on('delta', (delta: Delta) => {
    versions.push(delta.version);
    shown = applyDelta(shown, delta.changes as DeltaStep[]);
  });
  await makeToken('first');
  await expect.poll(() => items(shown)).toEqual(['first']);
  await makeToken('second');
  await expect.poll(() => items(shown)).toEqual(['first', 'second']);
  expect(versions).toEqual([1, 2]);
  socket.close();
});

test('a burst of changes makes fewer runs than there are changes', async () => {
  const socket = await openBrowserSocket(server.server.consoleUrl, admin);
  await watch(socket, 'join-tokens.list');
  const deltas: Delta[] = [];
  socket.on('delta', (delta: Delta) => deltas.push(delta));
  await Promise.all(Array.from({ length: 20 }, (_, i) => makeToken(`burst-${i}`)));
  await expect
    .poll(async () => items((await watch(socket, 'join-tokens.list')).snapshot).length)
    .toBeGreaterThan(20);
  expect(deltas.length).toBeLessThan(20);
  socket.close();
});

test('only GET routes that say what changes them can be watched', async () => {
  const socket = await openBrowserSocket(server.server.consoleUrl, admin);
  for (const route of ['nodes.remove', 'nodes.containers', 'no.such'])
    expect(await watch(socket, route)).toMatchObject({ ok: false, code: 'method.unknown' });
  expect(await watch(socket, 'nodes.list', { query: { limit: 'many' } })).toMatchObject({
    code: 'request.invalid',
  });
  expect(await socket.emitWithAck('watch', { watchId: 1 })).toMatchObject({
    ok: false,
    code: 'request.invalid',
  });
  socket.close();
});

test('a watch is authorized as the route is: a token without the permission sees nothing', async () => {
  const made = await admin.call('POST', '/me/tokens', { name: 'narrow', permissions: ['stack.read'] });
  const { token } = made.json as { token: string };
  const socket = await openBrowserSocket(server.server.consoleUrl, undefined, {
    headers: {},
    auth: { token },
  });
  expect(await watch(socket, 'nodes.list')).toMatchObject({ ok: false, code: 'permission.missing' });
  socket.close();
});

test('S-10 a page of another site gets no socket, and neither does one without an origin', async () => {
  const { consoleUrl } = server.server;
  const cookie = admin.headers.cookie ?? '';
  const host = new URL(consoleUrl).host;
  for (const origin of ['https://evil.example', 'null', `http://${host}.evil.com`])
    await expect(openBrowserSocket(consoleUrl, admin, { headers: { cookie, origin } })).rejects.toThrow();
  await expect(openBrowserSocket(consoleUrl, admin, { headers: { cookie } })).rejects.toThrow();
});

test('S-43 the cookie alone opens no socket', async () => {
  const { consoleUrl } = server.server;
  await expect(openBrowserSocket(consoleUrl, admin, { auth: {} })).rejects.toThrow('Sign in first');
  await expect(openBrowserSocket(consoleUrl, admin, { auth: { page: 'guess' } })).rejects.toThrow(
    'Sign in first',
  );
});

test('the sockets of a session end with it, at every server', async () => {
  const session = await server.signIn();
  const sockets = [
    await openBrowserSocket(server.server.consoleUrl, session),
    await openBrowserSocket(other.consoleUrl, session),
  ];
  await session.call('DELETE', '/session');
  await expect.poll(() => sockets.map(({ connected }) => connected)).toEqual([false, false]);
});

test('a watch of an object that is gone ends with the reason', async () => {
  const socket = await openBrowserSocket(server.server.consoleUrl, admin);
  const { database } = server.server.platform;
  const project = await database.prisma.project.findFirstOrThrow();
  const node = await database.prisma.node.create({
    data: { id: '01900000-0000-7000-8000-00000000abcd', projectId: project.id, name: 'goner' },
  });
  expect(await watch(socket, 'nodes.get', { params: { id: node.id } })).toMatchObject({ ok: true });
  const ends: { code: string }[] = [];
  socket.on('end', (end) => ends.push(end));
  await database.transaction(async (tx) => {
    await tx.node.update({ where: { id: node.id }, data: { removedAt: new Date() } });
    await publishChange(tx, { kind: 'node', ids: [node.id] });
  });
  await expect
    .poll(() => ends)
    .toMatchObject([{ watchId: 'nodes.get', code: 'not-found', hint: expect.any(String) }]);
  socket.close();
});
