import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../../server/src/test-server.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let site: TestServer;
let admin: Client;
let between: Server;
let url = '';
let folder = '';
/** What anyone on the way, or a log of a proxy, would keep: address and referer of each request. */
const seen: string[] = [];

beforeAll(async () => {
  site = await startTestServer();
  admin = await site.administrator();
  folder = mkdtempSync(join(tmpdir(), 'portreeve-cli-'));
  const { hostname, port } = new URL(site.server.consoleUrl);
  between = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    seen.push(`${method} ${path} ${headers.referer ?? ''} ${headers.cookie ?? ''}`);
    const passed = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  between.on('upgrade', ({ url: path, headers }) => seen.push(`${path} ${headers.referer ?? ''}`));
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
});
afterAll(async () => {
  between.close();
  between.closeAllConnections();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

type Run = { said(): string; argv: string; environment(): string; ended: Promise<number> };
const run = (args: string[]): Run => {
  const env = {
    PATH: process.env.PATH,
    PORTREEVE_URL: url,
    PORTREEVE_CONFIG: join(folder, 'cli', 'cli.json'),
  };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return {
    said: () => text,
    argv: [MAIN, ...args].join(' '),
    environment: () => readFileSync(`/proc/${child.pid}/environ`, 'latin1'),
    ended: once(child, 'close').then(([code]) => code as number),
  };
};
const keptToken = (): string => JSON.parse(readFileSync(join(folder, 'cli', 'cli.json'), 'utf8')).token;

test('S-46 signing in puts the token into a file of its owner and nowhere else', async () => {
  const login = run(['login']);
  await expect.poll(login.said).toMatch(/confirm the code \S+\./);
  const [, code = ''] = /confirm the code (\S+)\./.exec(login.said()) ?? [];
  const environment = login.environment();
  expect((await admin.call('POST', `/device/${code}`, { confirm: true })).status).toBe(204);
  expect(await login.ended, login.said()).toBe(0);

  const token = keptToken();
  expect(token).toMatch(/^prt_/);
  expect(statSync(join(folder, 'cli', 'cli.json')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'cli')).mode & 0o777).toBe(0o700);
  for (const place of [login.said(), environment, login.argv, ...seen]) expect(place).not.toContain(token);
});

test('signing in again keeps the CA by which the console was trusted', async () => {
  const file = join(folder, 'cli', 'cli.json');
  const kept = JSON.parse(readFileSync(file, 'utf8'));
  const [caPem] = site.server.platform.ca.trustAnchors;
  writeFileSync(file, JSON.stringify({ ...kept, caPem }));
  const login = run(['login']);
  await expect.poll(login.said).toMatch(/confirm the code \S+\./);
  const [, code = ''] = /confirm the code (\S+)\./.exec(login.said()) ?? [];
  expect((await admin.call('POST', `/device/${code}`, { confirm: true })).status).toBe(204);
  expect(await login.ended, login.said()).toBe(0);
  const again = JSON.parse(readFileSync(file, 'utf8'));
  expect(again).toMatchObject({ url, caPem });
  expect(again.token).not.toBe(kept.token);
});

test('S-46 what a command asks for carries the token in a header, and no address or argument does', async () => {
  const token = keptToken();
  for (const args of [['ls'], ['nodes'], ['logs', 'shop/web']]) {
    const ran = run(args);
    await ran.ended;
    expect(ran.said()).not.toContain(token);
  }
  expect(seen.length).toBeGreaterThan(4);
  expect(seen.filter((one) => one.includes(token) || /token=|authorization=/i.test(one))).toEqual([]);
});

test('S-46 no command has an option that takes a token or a password', async () => {
  for (const args of [['--help'], ...['login', 'apply', 'ls', 'logs'].map((name) => [name, '--help'])]) {
    const help = run(args);
    await help.ended;
    expect(help.said()).not.toMatch(/--(token|password|secret)/);
  }
});

test('S-46 a token that was kept for one server is not sent to another', async () => {
  const asked: (string | undefined)[] = [];
  const other = createServer((incoming, outgoing) => {
    asked.push(incoming.headers.authorization);
    outgoing.writeHead(401, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const kept = url;
  url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  await run(['ls']).ended;
  url = kept;
  other.close();
  expect(asked).toEqual([undefined]);
});

test('signing out revokes the token and forgets it, and keeps by what the console is trusted', async () => {
  const file = join(folder, 'cli', 'cli.json');
  const token = keptToken();
  const asks = () => site.anonymous.call('GET', '/me', undefined, { authorization: `Bearer ${token}` });
  expect((await asks()).status).toBe(200);
  const logout = run(['logout']);
  expect(await logout.ended, logout.said()).toBe(0);
  expect((await asks()).status).toBe(401);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, caPem: expect.any(String) });
  const again = run(['logout']);
  expect(await again.ended).toBe(0);
  expect(again.said()).toContain(`Not signed in at ${url}.`);

  writeFileSync(file, JSON.stringify({ url, token }));
  const late = run(['logout']);
  expect(await late.ended, late.said()).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url });
});

test('signing out keeps a token that nobody could revoke', async () => {
  const file = join(folder, 'cli', 'cli.json');
  const kept = url;
  url = 'http://127.0.0.1:1';
  writeFileSync(file, JSON.stringify({ url, token: 'prt_x' }));
  const logout = run(['logout']);
  expect(await logout.ended).toBe(1);
  expect(keptToken()).toBe('prt_x');
  url = kept;
});
