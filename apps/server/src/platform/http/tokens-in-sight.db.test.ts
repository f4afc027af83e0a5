import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, join as joinHost } from '../../agents/testing/test-agent.ts';
import { PAGE_HEADER } from '../../identity/authentication.ts';
import { openBrowserSocket } from '../../live/test-socket.ts';
import { sendRaw } from '../../test-raw-http.ts';
import { everyRow } from '../../test-rows.ts';
import { createTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { allRoutes } from './openapi.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
const PASSWORD = 'canary-password-0123456789';
/** What people type; the rest is made by the server and collected as it comes. */
const TYPED = {
  password: PASSWORD,
  registryPassword: 'canary-registry-password',
  smtpPassword: 'canary-smtp-password',
  webhookPath: 'canary-webhook-path',
  webhookSecret: 'canary-webhook-secret',
  secretFile: 'canary-content-of-a-secret',
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

type Child = {
  consoleUrl: string;
  agentUrl: string;
  firstPassword: string;
  log(): string;
  end(): Promise<void>;
};

/** The server as a process of its own, which logs all it can. */
const startProcess = async (db: TestDatabase, folder: string): Promise<Child> => {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...{ PATH: process.env.PATH, DATABASE_URL: db.url, PORTREEVE_DATA: folder, PORTREEVE_LOG: 'trace' },
      ...{ PORTREEVE_PORT: '0', PORTREEVE_AGENT_PORT: '0', PORTREEVE_WEB: 'none' },
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  let firstPassword = '';
  const ready = new Promise<{ consoleUrl: string; agentUrl: string }>((resolve, reject) => {
    child.on('message', (said: { kind: string; [key: string]: string }) => {
      if (said.kind === 'first-password') firstPassword = said.password ?? '';
      if (said.kind === 'ready') resolve(said as unknown as { consoleUrl: string; agentUrl: string });
    });
    child.once('exit', () => reject(new Error(text)));
  });
  const urls = await ready;
  const end = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { ...urls, firstPassword, log: () => text, end };
};

describe('what only its owner may know', { timeout: 90_000 }, () => {
  let db: TestDatabase;
  let folder: string;
  let server: Child;
  /** Name → text that must be nowhere. */
  const canaries = new Map<string, string>(Object.entries(TYPED));
  let headers: Record<string, string> = {};

  const ask = async (method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
    const response = await fetch(`${server.consoleUrl}/api/v1${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, text, json: (isJson ? JSON.parse(text) : null) as never, response };
  };
  const must = async (method: string, path: string, body?: unknown, more?: Record<string, string>) => {
    const answer = await ask(method, path, body, more);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.json as Record<string, never>;
  };
  const signIn = async (password: string): Promise<void> => {
    const { response, json } = await ask('POST', '/session', { name: 'admin', password });
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { pageSecret } = json as { pageSecret: string };
    headers = { cookie, [PAGE_HEADER]: pageSecret };
    canaries.set('page secret', pageSecret);
    canaries.set('cookie', cookie.slice(cookie.indexOf('=') + 1));
  };
  const found = (where: string, text: string): string[] =>
    [...canaries].flatMap(([name, value]) =>
      text.includes(value) || text.includes(base64(value)) ? [`${name} in ${where}`] : [],
    );

  beforeAll(async () => {
    db = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'portreeve-canary-'));
    server = await startProcess(db, folder);
    canaries.set('first password', server.firstPassword);
    await signIn(server.firstPassword);
    await must('PUT', '/me/password', { current: server.firstPassword, next: PASSWORD });
    await signIn(PASSWORD);
  });
  afterAll(async () => {
    await server.end();
    await db.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One of everything that is secret, made as people make it; POSTs with keys, whose answers are kept. */
  const makeEverything = async (): Promise<void> => {
    const key = () => ({ 'idempotency-key': uuid() });
    const { token } = await must('POST', '/me/tokens', { name: 'ci' }, key());
    canaries.set('token', token as never);
    const device = await must('POST', '/device', { description: 'laptop' });
    canaries.set('device code', device.deviceCode as never);
    await must('POST', `/device/${device.userCode}`, { confirm: true });
    const confirmed = await must('POST', '/device/token', { deviceCode: device.deviceCode });
    canaries.set('token of the command line', confirmed.token as never);
    const invited = await must('POST', '/join-tokens', { uses: 2 }, key());
    canaries.set('join token', invited.token as never);
    await must('POST', '/secrets?project=/', { name: 'db', contentBase64: base64(TYPED.secretFile) }, key());
    await must(
      'POST',
      '/registries?project=/',
      { host: 'registry.example.org', username: 'robot', password: TYPED.registryPassword },
      key(),
    );
    await must('POST', '/alert-channels', {
      ...{ kind: 'email', name: 'mail', to: 'ops@example.org', from: 'p@example.org' },
      smtpUrl: `smtp://robot:${TYPED.smtpPassword}@127.0.0.1:1`,
    });
    const { id } = await must('POST', '/alert-channels', {
      ...{ kind: 'webhook', name: 'chat', url: `https://127.0.0.1:1/${TYPED.webhookPath}` },
      ...{ secret: TYPED.webhookSecret, allowPrivateAddress: true },
    });
    await must('POST', `/alert-channels/${id}/test`);
    const serviceId = await makeService();
    const webhook = await must('PUT', `/services/${serviceId}/webhook`, undefined, key());
    canaries.set('webhook token', webhook.token as never);
    canaries.set('webhook key', webhook.hmacKey as never);
  };
  const makeService = async (): Promise<string> => {
    const { prisma } = db.database;
    const root = await prisma.project.findFirstOrThrow();
    const [stackId, serviceId] = [uuid(), uuid()];
    await prisma.stack.create({ data: { id: stackId, projectId: root.id, name: 'shop' } });
    await prisma.service.create({ data: { id: serviceId, stackId, name: 'web' } });
    await prisma.revision.create({
      data: {
        ...{ id: uuid(), serviceId, number: 1, stackVersion: 1, specHash: 'x', createdBy: 'admin', pin: {} },
        spec: ServiceSpec.parse({ image: 'web' }),
        sealedEnvironment: '',
      },
    });
    return serviceId;
  };

  it('S-11 is refused in an address, however its key is spelled, and no answer says it again', async () => {
    await makeEverything();
    const token = canaries.get('token') ?? '';
    const bearer = { authorization: `Bearer ${token}` };
    for (const key of ['token', 'access_token', 'TOKEN', '%74oken', 'authorization', 'accessToken'])
      for (const more of [{}, headers, bearer]) {
        const path = `/api/v1/me?x=1&${key}=${token}`;
        const answer = await sendRaw(server.consoleUrl, { path, headers: more });
        expect({ key, ...answer, found: found('the answer', answer.text) }).toMatchObject({
          ...{ key, status: 401, found: [] },
        });
      }
    expect((await sendRaw(server.consoleUrl, { path: `/metrics?token=${token}` })).status).toBe(401);
  });

  it('S-11 in an answer that is kept under a key is given again to who asked, and to no other token', async () => {
    const key = { 'idempotency-key': uuid() };
    const { token } = await must('POST', '/me/tokens', { name: 'narrow', permissions: ['network.edit'] });
    const first = await must('POST', '/me/tokens', { name: 'kept' }, key);
    expect(await must('POST', '/me/tokens', { name: 'kept' }, key)).toEqual(first);
    const other = { ...key, authorization: `Bearer ${token}` };
    const answer = await ask('POST', '/me/tokens', { name: 'kept' }, other);
    expect(answer).toMatchObject({ status: 403, json: { code: 'permission.missing' } });
    canaries.set('kept token', first.token as never);
    expect(found('the answer', answer.text)).toEqual([]);
  });

  it('S-11 is in no answer to a request that is wrong', async () => {
    const all = JSON.stringify({ token: [...canaries.values()] });
    for (const { id, method, path } of allRoutes()) {
      // The one body that is a person's own words.
      if (method === 'GET' || id === 'session.preferences') continue;
      const place = path.replaceAll(/:(\w+)/g, '01990000-0000-7000-8000-000000000000');
      for (const body of [all, all.slice(0, -1), all.slice(1), `"${canaries.get('token')}"`]) {
        const answer = await sendRaw(server.consoleUrl, {
          ...{ method, path: `/api/v1${place}`, body },
          headers: { ...headers, 'content-type': 'application/json', 'if-match': '"1"' },
        });
        expect({ id, status: answer.status, found: found('the answer', answer.text) }).toEqual({
          ...{ id, status: 400, found: [] },
        });
      }
    }
  });

  it('S-11 is neither in the log, nor in an audit entry, nor in any row', async () => {
    const token = canaries.get('token') ?? '';
    for (const [name, value] of canaries) {
      const secret = encodeURIComponent(value);
      // What people make up may look like any word; what is made here is told from one by its length.
      const inPath = name in TYPED || name === 'first password' ? 'x' : secret;
      const asked = [
        { path: `/api/v1/me?token=${secret}` },
        { path: `/api/v1/${inPath}` },
        { path: `/api/v1/device/${inPath}`, headers },
        { path: `/${inPath}?x=${secret}` },
        { path: '/api/v1/me', headers: { referer: `http://x/?token=${secret}` } },
        { path: '/api/v1/me', headers: { authorization: `Bearer ${value}`, 'user-agent': 'x' } },
        { path: '/api/v1/me', headers: { authorization: value, cookie: `portreeve_session=${secret}` } },
        {
          path: '/api/v1/session',
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: value,
        },
        { path: `/socket.io/?EIO=4&transport=websocket&token=${secret}` },
      ];
      for (const one of asked) await sendRaw(server.consoleUrl, one);
      await ask('POST', '/session', { name: 'nobody', password: value });
      await ask('POST', '/device/token', { deviceCode: `${value}x` });
    }
    const socket = await openBrowserSocket(server.consoleUrl, undefined, { headers: {}, auth: { token } });
    socket.close();
    await openBrowserSocket(server.consoleUrl, undefined, {
      headers: {},
      auth: { token: `${token}x` },
    }).catch(() => undefined);
    const { certificatePem: ca } = await db.database.prisma.clusterKey.findFirstOrThrow({
      where: { purpose: 'ca' },
    });
    const joining = canaries.get('join token') ?? '';
    await joinHost(server.agentUrl, ca, joining);
    await expect(joinHost(server.agentUrl, ca, `${joining}x`)).rejects.toThrow('not known');
    for (const path of [`/join?token=${joining}`, `/${joining}`, `/agent/${joining}`])
      await call(`${server.agentUrl}${path}`, { ca }, { token: joining, csrPem: 1 });

    const answers: string[] = [];
    for (const { method, path } of allRoutes())
      if (method === 'GET' && !path.includes(':')) answers.push((await ask('GET', path)).text);
    const lines = server.log();
    for (const what of ['/api/v1/me', 'a host was refused']) expect(lines).toContain(what);
    expect([
      ...lines.split('\n').flatMap((line) => found(`the log: ${line}`, line)),
      ...found('the database', await everyRow(db.database)),
      ...found('a list', answers.join('\n')),
      ...found('the data folder', readFileSync(join(folder, 'metrics-token'), 'utf8')),
    ]).toEqual([]);
    canaries.set('metrics token', readFileSync(join(folder, 'metrics-token'), 'utf8').trim());
    expect(found('the log', server.log())).toEqual([]);
  });
});
