import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let test: TestDatabase;
let folder: string;

type Said = { kind: string; password?: string; consoleUrl?: string; message?: string };
const start = () => {
  const child: ChildProcess = fork(MAIN, {
    env: {
      ...process.env,
      ...{ DATABASE_URL: test.url, PORTREEVE_DATA: folder, PORTREEVE_WEB: 'none', PORTREEVE_LOG: 'fatal' },
      ...{ PORTREEVE_PORT: '0', PORTREEVE_AGENT_PORT: '0' },
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const said: Said[] = [];
  child.on('message', (message) => said.push(message as Said));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const of = (kind: string) => said.find((one) => one.kind === kind);
  return { child, exited, of };
};

beforeAll(async () => {
  test = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'portreeve-first-'));
});
afterAll(async () => {
  await test?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the first password', () => {
  it('is not kept when nobody heard of it: the next start makes another, which works', async () => {
    const unheard = start();
    unheard.child.disconnect();
    expect(await unheard.exited).not.toBe(0);
    expect(await test.database.prisma.user.count()).toBe(0);

    const heard = start();
    await expect.poll(() => heard.of('ready'), { timeout: 30_000 }).toBeDefined();
    const answer = await fetch(`${heard.of('ready')?.consoleUrl}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'admin', password: heard.of('first-password')?.password }),
    });
    expect(answer.status).toBe(200);
    heard.child.kill('SIGTERM');
    expect(await heard.exited).toBe(0);
  }, 60_000);
});
