import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const NAMES = ['first', 'second', 'third'];

let console: Server;
let url: string;
const asked: (string | null)[] = [];

/** Gives a list out row by row, as a server does that has more of them than a page holds. */
beforeAll(async () => {
  console = createServer((request, response) => {
    const cursor = new URL(request.url ?? '/', 'http://x').searchParams.get('cursor');
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    const row = { name: NAMES[at], projectPath: '/', state: 'healthy', stackVersion: 1, why: '' };
    const next = at + 1 < NAMES.length ? { next: String(at + 1) } : {};
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items: [{ ...row, count: { ready: 1, wanted: 1 } }], ...next }));
  });
  await new Promise<void>((resolve) => console.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(console.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => console.close(resolve)));

it('ls shows every stack, however many pages they take', async () => {
  const env = { ...process.env, PORTREEVE_URL: url, PORTREEVE_TOKEN: 'none', PORTREEVE_CONFIG: '/nowhere' };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'ls'], { env });
  for (const name of NAMES) expect(stdout).toContain(name);
  expect(asked).toEqual([null, '1', '2']);
});
