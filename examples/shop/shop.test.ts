import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { ShopRole } from './images.ts';

const PROGRAM = fileURLToPath(new URL('app/shop.pl', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'portreeve-shop-'));
const running: ChildProcess[] = [];

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Starts one part of the shop on this machine and returns where it listens. */
const start = async (role: ShopRole, env: Record<string, string> = {}): Promise<string> => {
  const port = `${await freePort()}`;
  const child = spawn('perl', [PROGRAM], {
    env: { ...process.env, ROLE: role, PORT: port, DATA: data, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return `http://127.0.0.1:${port}`;
};

const order = async (web: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${web}/orders`, { method: 'POST', redirect: 'manual' });
  return { status: response.status, text: await response.text() };
};

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

it('an order reaches the database by web and api, and the page counts it', async () => {
  const [cache, database] = [await start('cache'), await start('database')];
  const api = await start('api', { CACHE: cache, DATABASE: database });
  const web = await start('web', { API: api });
  expect(await order(web)).toEqual({ status: 303, text: 'ordered\n' });
  expect(await (await fetch(web)).text()).toContain('1 order, from the ');
});

it('an order that the api answers with 502 is not called ordered, and the page says why', async () => {
  const api = await start('api', { CACHE: 'http://127.0.0.1:1', DATABASE: 'http://127.0.0.1:1' });
  const web = await start('web', { API: api });
  expect(await order(web)).toEqual({
    status: 502,
    text: 'No order was placed: the database does not answer\n',
  });
});

it('an order without an api is not called ordered', async () => {
  const web = await start('web', { API: 'http://127.0.0.1:1' });
  expect(await order(web)).toEqual({ status: 502, text: 'No order was placed: the api does not answer\n' });
});
