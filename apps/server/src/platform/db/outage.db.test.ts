import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer as createPortreeve, type PortreeveServer } from '../../app.ts';
import { type EmbeddedServer, startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';

let folder: string;
let port: number;
let postgres: EmbeddedServer;
let server: PortreeveServer;

const start = () => startEmbedded({ folder, tcpPort: port, settings: { fsync: 'off' } });
/** Far beyond what an answer takes, and less than the 15 s after which a statement that nobody hears is given up. */
const PATIENCE_MS = 12_000;
const signIn = async () => {
  const began = performance.now();
  const answer = await fetch(`${server.consoleUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'nobody', password: 'x' }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    ms: performance.now() - began,
  };
};
/** What the database itself counts. */
const connections = async (): Promise<number> => {
  const client = new pg.Client({ connectionString: postgres.url('superuser') });
  await client.connect();
  const { rows } = await client
    .query(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = 'portreeve' AND pid <> pg_backend_pid()`,
    )
    .finally(() => client.end());
  return (rows[0] as { count: number }).count;
};
/** PostgreSQL's children have sessions of their own. */
const signalAll = (signal: string) => {
  const main = postgres.process.pid;
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(main)], { encoding: 'utf8' }).split(
    /\s+/,
  );
  for (const pid of [String(main), ...children].filter(Boolean))
    process.kill(Number(pid), signal as NodeJS.Signals);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portreeve-outage-'));
  chmodSync(folder, 0o711);
  port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
  postgres = await start();
  await migrate(postgres.url('owner'), postgres.url('application'));
  server = await createPortreeve({
    databaseUrl: postgres.url('application'),
    keyFile: join(folder, 'cluster.key'),
    dataFolder: folder,
    clusterName: 'outage',
    console: { host: '127.0.0.1', port: 0, names: [], tls: 'none' },
    agents: { host: '127.0.0.1', port: 0, addresses: [] },
    web: 'none',
    logLevel: 'silent',
    onFirstPassword: () => {},
  });
}, 60_000);
afterAll(async () => {
  await server.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a database that is away', () => {
  for (const [how, away, back] of [
    [
      'stopped',
      async () => {
        postgres.process.kill('SIGQUIT');
      },
      async () => {
        postgres = await start();
      },
    ],
    ['silent', async () => signalAll('SIGSTOP'), async () => signalAll('SIGCONT')],
  ] as const) {
    it(`F-5 (${how}) is answered with 503 by every call while it lasts, and all works again when it is over`, async () => {
      await expect.poll(async () => (await signIn()).status).not.toBe(503);
      await away();
      let slowest = 0;
      const until = Date.now() + 6_000;
      while (Date.now() < until) {
        const answers = await Promise.all(Array.from({ length: 30 }, signIn));
        slowest = Math.max(slowest, ...answers.map(({ ms }) => ms));
        // The first ones may still have been served from what had arrived.
        for (const { status, retryAfter } of answers) if (status === 503) expect(retryAfter).toBe('2');
      }
      process.stdout.write(`F-5 (${how}): the slowest answer took ${Math.round(slowest)} ms\n`);
      expect((await signIn()).status).toBe(503);
      expect((await fetch(`${server.consoleUrl}/readyz`)).status).toBe(503);
      expect((await fetch(`${server.consoleUrl}/healthz`)).status).toBe(200);
      expect(server.platform.leader.isLeader()).toBe(false);

      await back();
      await expect.poll(async () => (await signIn()).status).not.toBe(503);
      await expect.poll(() => server.platform.leader.isLeader()).toBe(true);
      await expect.poll(() => server.platform.database.pool().waiting).toBe(0);
      const { total, idle } = server.platform.database.pool();
      expect(total).toBeLessThanOrEqual(16);
      await expect
        .poll(() => server.platform.database.pool().total - server.platform.database.pool().idle)
        .toBeLessThan(3);
      expect(idle).toBeGreaterThanOrEqual(0);
      // The pool, one to listen, one for its health, one to lead: nothing of before is left at the database.
      await expect.poll(connections).toBeLessThanOrEqual(16 + 3);
    }, 60_000);
  }
});
