import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import type { Log } from '../platform/log.ts';
import { auditSealing } from './audit.loop.ts';
import { SEALED_AT_ONCE, sealBatch } from './seal.store.ts';
import { verifyAudit } from './verify.ts';

const MINUTE_MS = 60_000;
const MORE = 20;

let site: TestDatabase;
beforeAll(async () => {
  site = await createTestDatabase();
});
afterAll(() => site?.drop());

const entryAt = (minutesAgo: number) => ({
  ...{ id: uuid(), at: new Date(Date.now() - minutesAgo * MINUTE_MS), actorKind: 'user', actorName: 'admin' },
  ...{ via: 'browser', address: '', action: 'a.b', outcome: 'done' },
});

test('entries of hours in which nothing was sealed are all sealed, more than go at once too', async () => {
  const { prisma } = site.database;
  const count = SEALED_AT_ONCE + MORE;
  await prisma.auditEntry.createMany({
    data: Array.from({ length: count }, (_, n) => entryAt(180 - (n * 120) / count)),
  });
  while ((await sealBatch(site.database)) > 0);
  expect(await prisma.auditSeal.count()).toBe(count);
  expect(await verifyAudit(site.database)).toMatchObject({ ok: true, entries: count });
});

test('one that committed late is sealed after those that were written after it', async () => {
  await site.database.prisma.auditEntry.create({ data: entryAt(0) });
  await sealBatch(site.database);
  await site.database.prisma.auditEntry.create({ data: entryAt(10) });
  expect(await sealBatch(site.database)).toBe(1);
  expect(await verifyAudit(site.database)).toMatchObject({ ok: true });
});

test('those of other servers are sealed also after one whose clock runs ahead', async () => {
  await site.database.prisma.auditEntry.create({ data: entryAt(-60) });
  await sealBatch(site.database);
  await site.database.prisma.auditEntry.create({ data: entryAt(0) });
  expect(await sealBatch(site.database)).toBe(1);
  expect(await verifyAudit(site.database)).toMatchObject({ ok: true });
});

test('the end of the chain is said in the log when it moves, and the check names it', async () => {
  const said: object[] = [];
  const log = { info: (fields: object) => said.push(fields) } as unknown as Log;
  const { run } = auditSealing(site.database, log);
  await site.database.prisma.auditEntry.create({ data: entryAt(0) });
  await run(new Date());
  await run(new Date());
  const last = await site.database.prisma.auditSeal.findFirstOrThrow({ orderBy: { sequence: 'desc' } });
  expect(said).toEqual([{ sequence: String(last.sequence), hash: last.hash }]);
  const { text } = await verifyAudit(site.database);
  expect(text).toBe(
    `${last.sequence} entries are as they were sealed, the last as ${last.hash.slice(0, 16)}.`,
  );
});

test('one that someone slipped into the past is named, and gets no seal', async () => {
  const owner = new pg.Client({ connectionString: site.ownerUrl });
  await owner.connect();
  const { id, at } = entryAt(24 * 60);
  await owner.query(
    `INSERT INTO "AuditEntry" (id, at, "actorKind", "actorName", via, address, action, outcome)
     VALUES ($1, $2, 'user', 'eve', 'browser', '', 'node.remove', 'done')`,
    [id, at],
  );
  await owner.end();
  expect(await sealBatch(site.database)).toBe(0);
  expect(await verifyAudit(site.database)).toMatchObject({ ok: false, firstBad: id });
});
