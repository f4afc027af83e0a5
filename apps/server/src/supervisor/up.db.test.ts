import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const MAIN = join(ROOT, 'apps/server/src/supervisor/main.ts');

let data: string;
let ports: { console: number; agents: number };
let holders: Server[];
let password: string | undefined;

type Up = { child: ChildProcess; output(): string; exited: Promise<number | null> };
const start = (more: string[] = []): Up => {
  const child = spawn(
    process.execPath,
    [
      ...[MAIN, '--data', data, '--no-local-agent', '--port', String(ports.console)],
      ...['--agent-port', String(ports.agents), ...more],
    ],
    // Without pages: they take minutes to build and are not what is tested here.
    {
      cwd: ROOT,
      env: { ...process.env, PORTREEVE_WEB: 'none', DATABASE_URL: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output: () => output, exited };
};
const untilReady = (up: Up) =>
  expect.poll(() => up.output(), { timeout: 60_000, interval: 200 }).toContain('Portreeve is ready');
const passwordIn = (up: Up): string | undefined => /password: {2}(\S+)/.exec(up.output())?.[1];
const healthy = async () =>
  (await fetch(`http://127.0.0.1:${ports.console}/readyz`).catch(() => undefined))?.status === 200;
const processesOf = (pattern: string): number[] =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(pattern) && line.includes(data))
    .map((line) => Number.parseInt(line, 10));

const serverOf = (up: Up): number =>
  Number(
    execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(up.child.pid)], { encoding: 'utf8' })
      .split('\n')
      .find((line) => line.includes('src/main.ts'))
      ?.trim()
      .split(' ')[0],
  );

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'portreeve-up-'));
  chmodSync(data, 0o711);
  holders = [createServer(), createServer()];
  const taken = holders.map(
    (holder) =>
      new Promise<number>((resolve) => {
        holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port));
      }),
  );
  const [console = 0, agents = 0] = await Promise.all(taken);
  ports = { console, agents };
});
afterAll(() => {
  for (const holder of holders) holder.close();
  rmSync(data, { recursive: true, force: true });
});

describe('npm run up', () => {
  it('says who has the port, before it builds or starts anything', async () => {
    const up = start();
    expect(await up.exited).toBe(1);
    expect(up.output()).toMatch(
      new RegExp(`Port ${ports.console} is taken by .+ \\(process ${process.pid}\\)`),
    );
    expect(processesOf('postgres')).toEqual([]);
    await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  }, 60_000);

  it('leaves nothing behind when it is stopped while its database starts', async () => {
    const up = start();
    const made = join(data, 'postgresql/data/portreeve-initialised');
    await expect.poll(() => existsSync(made), { timeout: 60_000, interval: 1 }).toBe(true);
    up.child.kill('SIGINT');
    expect(await up.exited).toBe(0);
    expect(up.output()).toContain('Stopping …');
    expect(processesOf('postgres')).toEqual([]);
    expect(existsSync(join(data, 'supervisor.pid'))).toBe(false);
  }, 90_000);

  it('prints the first password before what may still fail', async () => {
    // There is no engine here, so that the demo cannot be deployed.
    const failed = start(['--demo']);
    expect(await failed.exited).toBe(1);
    expect(failed.output()).toContain('The demo needs a container engine');
    password = passwordIn(failed);
    expect(password).toBeDefined();
    expect(failed.output()).not.toContain('Portreeve is ready');
    expect(readFileSync(join(data, 'logs/server.log'), 'utf8')).not.toContain(password);
  }, 90_000);

  it('has a first password that works once, keeps each part running, and leaves nothing behind', async () => {
    const up = start();
    await untilReady(up);
    expect(passwordIn(up)).toBeUndefined();
    const signIn = () =>
      fetch(`http://127.0.0.1:${ports.console}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'admin', password }),
      });
    expect((await signIn()).status).toBe(200);
    expect((await signIn()).status).toBe(401);

    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain('already runs');

    process.kill(serverOf(up), 'SIGKILL');
    await expect.poll(healthy).toBe(false);
    await expect.poll(healthy, { timeout: 40_000 }).toBe(true);
    const [postgres = 0] = processesOf('bin/postgres');
    process.kill(postgres, 'SIGQUIT');
    await expect.poll(() => processesOf('bin/postgres').includes(postgres), { timeout: 20_000 }).toBe(false);
    await expect.poll(healthy, { timeout: 40_000 }).toBe(true);

    up.child.kill('SIGINT');
    expect(await up.exited).toBe(0);
    expect(await healthy()).toBe(false);
    expect(processesOf('postgres')).toEqual([]);
  }, 180_000);

  it('starts again with no new password, and takes over from one that was killed', async () => {
    const killed = start();
    await untilReady(killed);
    expect(killed.output()).not.toContain('password:');
    killed.child.kill('SIGKILL');
    await killed.exited;
    // Its server ends by itself when the channel to it closes.
    await expect.poll(healthy, { timeout: 20_000 }).toBe(false);
    const up = start();
    await untilReady(up);
    up.child.kill('SIGTERM');
    expect(await up.exited).toBe(0);
    expect(processesOf('postgres')).toEqual([]);
  }, 120_000);

  it('says why a server that it starts again does not start', async () => {
    const up = start();
    await untilReady(up);
    const key = join(data, 'cluster.key');
    renameSync(key, `${key}.away`);
    process.kill(serverOf(up), 'SIGKILL');
    await expect
      .poll(() => up.output(), { timeout: 60_000 })
      .toMatch(/The server could not start: .*PORTREEVE_KEY_FILE/);
    renameSync(`${key}.away`, key);
    await expect.poll(healthy, { timeout: 40_000 }).toBe(true);
    up.child.kill('SIGTERM');
    expect(await up.exited).toBe(0);
  }, 120_000);

  it('stops all of it when the terminal that it speaks to is gone', async () => {
    const up = start();
    await untilReady(up);
    up.child.stdout?.destroy();
    up.child.stderr?.destroy();
    up.child.kill('SIGHUP');
    await expect.poll(() => up.child.exitCode, { timeout: 30_000 }).toBe(0);
    expect(processesOf('postgres')).toEqual([]);
  }, 120_000);
});
