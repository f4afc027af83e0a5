import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startWire, type Wire } from '../../../../../e2e/lab/wire.ts';
import { type Answer, type Client, startTestServer, type TestServer } from '../../test-server.ts';
import { databaseAccount } from './embedded-binaries.ts';

let wire: Wire;
let test: TestServer;
let admin: Client;
let superuser: pg.Client;
let name: string;
beforeAll(async () => {
  wire = await startWire();
  test = await startTestServer((options) => ({ ...options, databaseUrl: wire.url(options.databaseUrl) }));
  admin = await test.administrator();
  const url = new URL(inject('scratchServer').superuser);
  name = new URL(test.db.url).pathname.slice(1);
  url.pathname = `/${name}`;
  superuser = new pg.Client({ connectionString: url.toString() });
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await test.close();
  wire.close();
});

/** As many as the pool has. */
const CONNECTIONS = 16;
const database = () => test.server.platform.database;
const idle = () =>
  expect
    .poll(() => database().pool(), { timeout: 20_000 })
    .toMatchObject({ waiting: 0, total: expect.toSatisfy((total: number) => total <= CONNECTIONS) });
/** Honest: either what was asked for, or that it cannot be had now, with when to come again. */
const expectHonest = (answers: readonly Answer[]): void => {
  for (const { status, headers, text } of answers) {
    expect([200, 503], text).toContain(status);
    if (status === 503) expect(headers.get('retry-after')).toBe('2');
  }
};
const askNodes = (times: number): Promise<Answer[]> =>
  Promise.all(Array.from({ length: times }, () => admin.call('GET', '/nodes')));
const createProject = (path: string): Promise<Answer> => admin.call('POST', '/projects', { path });
const terminateOthers = () =>
  superuser.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
    [name],
  );
/** Statements that wait for a lock, each with when it began; asked on another connection than the one that holds it. */
const waitingForLock = (): Promise<unknown[]> =>
  test.db.database.prisma.$queryRaw`
    SELECT pid, query_start::text FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' ORDER BY pid`;

it('F-7 a database that takes half a second for each word is waited for, by a bounded number', {
  timeout: 90_000,
}, async () => {
  wire.delay(250);
  try {
    expect((await admin.call('GET', '/nodes')).status).toBe(200);
    const answers = await askNodes(260);
    expectHonest(answers);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(answers.some(({ status }) => status === 503)).toBe(true);
  } finally {
    wire.mend();
  }
  await idle();
  expectHonest(await askNodes(20));
});

it('F-7 where every connection waits, who comes is told so before a place is free, and all works again when one is', {
  timeout: 60_000,
}, async () => {
  await superuser.query('BEGIN; LOCK TABLE "Node" IN ACCESS EXCLUSIVE MODE');
  const asked = askNodes(60);
  try {
    await expect.poll(waitingForLock).toHaveLength(CONNECTIONS);
    await expect.poll(() => database().pool().waiting).toBeGreaterThan(0);
    const held = await waitingForLock();
    expectHonest([await admin.call('GET', '/projects')]);
    // The very statements that held every connection when it came hold them still.
    expect(await waitingForLock()).toEqual(held);
  } finally {
    await superuser.query('ROLLBACK');
  }
  expectHonest(await asked);
  await idle();
  expect((await admin.call('GET', '/nodes')).status).toBe(200);
});

it('F-7 two transactions that lock each other out (40P01) are both done in the end', async () => {
  const keys = ['one', 'other'];
  await database().prisma.throttle.createMany({
    data: keys.map((key) => ({ key, failures: 0, updatedAt: new Date() })),
  });
  let tries = 0;
  const raise = (order: readonly string[]) =>
    database().transaction(async (tx) => {
      tries += 1;
      for (const key of order) {
        await tx.throttle.update({ where: { key }, data: { failures: { increment: 1 } } });
        await pause(100);
      }
    });
  await Promise.all([raise(keys), raise(keys.toReversed())]);
  expect(tries).toBeGreaterThan(2);
  const rows = await database().prisma.throttle.findMany({ where: { key: { in: keys } } });
  expect(rows.map(({ failures }) => failures)).toEqual([2, 2]);
});

it('F-7 on a full disk (53100) an action whose audit entry cannot be stored is refused whole', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync('/var/tmp/portreeve-tiny-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tiny', folder]);
  const account = databaseAccount();
  if (account) chownSync(folder, account.uid, account.gid);
  const { rows } = await superuser.query('SELECT tableoid::regclass::text AS part FROM "AuditEntry" LIMIT 1');
  const { part } = rows[0] as { part: string };
  try {
    await superuser.query(`CREATE TABLESPACE tiny LOCATION '${folder}'`);
    await superuser.query(`ALTER TABLE ${part} SET TABLESPACE tiny`);
    const fill = async (): Promise<never> => {
      for (;;)
        await superuser.query(
          `INSERT INTO "AuditEntry" (id, at, "actorKind", "actorName", via, address, action, outcome)
           VALUES ($1, now(), 'system', 'fill', 'test', '', 'fill', 'ok')`,
          [uuid()],
        );
    };
    await expect(fill()).rejects.toMatchObject({ code: '53100' });
    const refused = await createProject('/full');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain("The database's disk is full: nothing can be stored.");
    expect(refused.headers.get('retry-after')).toBe('2');
    expect((await admin.call('GET', '/projects')).status).toBe(200);
    expect(await database().prisma.project.count({ where: { path: '/full' } })).toBe(0);
  } finally {
    await superuser.query(`ALTER TABLE ${part} SET TABLESPACE pg_default`);
    await superuser.query('DROP TABLESPACE tiny');
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
  expect((await createProject('/full')).status).toBe(200);
});

it('F-7 a database that is read-only (25006) is read, and every change says why it cannot be', {
  timeout: 60_000,
}, async () => {
  await superuser.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
  await terminateOthers();
  await expect.poll(async () => (await admin.call('GET', '/projects')).status).toBe(200);
  const refused = await createProject('/read-only');
  expect(refused.status).toBe(503);
  expect(refused.text).toContain('The database is read-only now');
  await superuser.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
  await terminateOthers();
  await expect.poll(async () => (await createProject('/read-only')).status, { timeout: 15_000 }).toBe(200);
});

it('F-7 transactions that the database ends for idling cost no connection and are not done again', async () => {
  let runs = 0;
  const idling = () =>
    database().transaction(async (tx) => {
      runs += 1;
      await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 50`;
      await pause(200);
      await tx.$queryRaw`SELECT 1`;
    });
  const ended = await Promise.allSettled(Array.from({ length: 24 }, idling));
  for (const end of ended)
    expect(end).toMatchObject({ status: 'rejected', reason: { code: 'database.unavailable' } });
  expect(runs).toBe(24);
  await idle();
  expectHonest(await askNodes(20));
  expect((await admin.call('GET', '/nodes')).status).toBe(200);
});
