import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { archiveOldest } from './archive.loop.ts';
import { verifyArchive } from './archive-file.ts';
import { allArchives, forgetArchived } from './archives.store.ts';
import { makePartitions, monthsHere } from './partitions.store.ts';
import { sealBatch } from './seal.store.ts';
import { verifyAudit } from './verify.ts';
import { verifyOnHost } from './verify-on-host.ts';

let site: TestDatabase;
let owner: pg.Client;
let folder: string;
beforeAll(async () => {
  site = await createTestDatabase();
  owner = new pg.Client({ connectionString: site.ownerUrl });
  await owner.connect();
  folder = mkdtempSync(join(tmpdir(), 'portreeve-archive-'));
  const { prisma } = site.database;
  await prisma.cluster.create({
    data: { id: uuid(), name: 'test', keyCheck: '', settings: { auditKeepMonths: 1 } },
  });
});
afterAll(async () => {
  await owner?.end();
  await site?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const MINUTE_MS = 60_000;
/** The first moment of a month so many ago. */
const monthAgo = (months: number): Date => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months));
};
const entryAt = (at: number) => ({
  ...{ id: uuid(), at: new Date(at), actorKind: 'user', actorName: 'ann', via: 'browser', address: '' },
  ...{ action: 'a.b', outcome: 'done' },
});
const write = async (...at: number[]): Promise<void> => {
  await site.database.prisma.auditEntry.createMany({ data: at.map(entryAt) });
  await sealBatch(site.database);
};
const archive = () => archiveOldest(site.database, folder, 'https://here', new Date());
const call = (...values: unknown[]) =>
  site.database.prisma.$queryRawUnsafe(
    `SELECT "audit_archive"($1::date, $2, $3, $4, $5::bigint, $6::bigint, $7::bigint, $8)::text`,
    ...values,
  );

test('months that the settings let go become files that verify, and the chain goes on from their end', async () => {
  const [first, second] = [monthAgo(5).getTime(), monthAgo(4).getTime()];
  for (const month of [monthAgo(5), monthAgo(4)])
    await owner.query(`SELECT "audit_make_month"($1::date)`, [month.toISOString().slice(0, 10)]);
  await write(first, first + MINUTE_MS);
  // One that committed late: sealed after the next month had begun.
  await write(second + 1_000);
  await write(second - 1_000);
  await write(second + MINUTE_MS);
  await write(Date.now());
  expect(await verifyAudit(site.database)).toMatchObject({ ok: true, entries: 6 });

  expect(await archive()).toBe(true);
  expect(await verifyAudit(site.database)).toMatchObject({ ok: true, archivedTo: { sequence: '4' } });
  expect(await archive()).toBe(true);
  while ((await forgetArchived(site.database.prisma, 2)) > 0);
  while (await archive());
  await sealBatch(site.database);
  const after = await verifyAudit(site.database);
  expect(after).toMatchObject({ ok: true, archivedTo: { sequence: '5' } });
  expect(await site.database.prisma.auditSeal.count({ where: { sequence: { lte: 5 } } })).toBe(0);

  const archives = await allArchives(site.database.prisma);
  expect(archives.slice(0, 2)).toMatchObject([
    { firstSequence: 1n, lastSequence: 4n, entries: 4n },
    { firstSequence: 5n, lastSequence: 5n, entries: 1n },
  ]);
  for (const { file, lastHash } of archives)
    expect(await verifyArchive(join(folder, 'audit', file))).toMatchObject({
      ok: true,
      last: { hash: lastHash },
    });
  await expect(verifyOnHost(folder, [], undefined)(site.database)).resolves.toBeUndefined();
  expect((await monthsHere(site.database.prisma))[0]?.getTime()).toBeGreaterThan(second);
  // Nothing can be slipped into a month that is gone.
  await makePartitions(site.database.prisma);
  await expect(write(first + MINUTE_MS)).rejects.toThrow(/no partition/);
});

test('an archive that was changed, cut or exchanged does not hold', async () => {
  const [row] = await allArchives(site.database.prisma);
  const path = join(folder, 'audit', row?.file ?? '');
  const whole = readFileSync(path);
  const lines = gunzipSync(whole).toString().split('\n');
  const changed = (text: string) => writeFileSync(path, gzipSync(text));
  const held = async () => verifyOnHost(folder, [], undefined)(site.database);
  for (const [text, why] of [
    [lines.join('\n').replace('"ann"', '"eve"'), 'Entry 1 is not as it was sealed.'],
    [lines.filter((_, n) => n !== 2).join('\n'), 'Entry 2 is not as it was sealed.'],
    [lines.slice(0, 3).join('\n'), 'It ends early, after 2.'],
    ['{}', 'It is no archive of an audit.'],
  ] as const) {
    changed(text);
    expect(await verifyArchive(path)).toEqual({ ok: false, text: why });
    await expect(held()).rejects.toThrow('The audit does not hold.');
  }
  writeFileSync(path, whole.subarray(0, whole.length - 20));
  expect(await verifyArchive(path)).toMatchObject({
    ok: false,
    text: expect.stringContaining('cannot be read'),
  });
  writeFileSync(path, whole);
  await expect(held()).resolves.toBeUndefined();
});

test('the role of the server cannot let a month go that is young, not written out, unsealed or out of its turn', async () => {
  const sum = 'a'.repeat(64);
  const [oldest, next] = await monthsHere(site.database.prisma);
  if (!oldest || !next) throw new Error('There is no month.');
  const last = await site.database.prisma.auditArchive.findFirstOrThrow({ orderBy: { month: 'desc' } });
  const asked = (month: Date, first: bigint, end: bigint, sha256 = sum) =>
    call(month, 'file', 'here', sha256, 1, first, end, last.lastHash);
  await expect(asked(oldest, last.lastSequence + 1n, last.lastSequence)).rejects.toThrow(
    /less than 31 days ago/,
  );
  await expect(asked(monthAgo(9), 1n, 1n)).rejects.toThrow(/no month/);

  const old = new Date(Date.UTC(oldest.getUTCFullYear(), oldest.getUTCMonth() - 3));
  await owner.query('DELETE FROM "AuditArchive" WHERE month >= $1', [old]);
  await owner.query('SELECT "audit_make_month"($1::date)', [old.toISOString().slice(0, 10)]);
  const before = (await site.database.prisma.auditArchive.aggregate({ _max: { lastSequence: true } }))._max;
  const end = before.lastSequence ?? 0n;
  await expect(asked(next, end + 1n, end)).rejects.toThrow(/less than 31 days|older month/);
  await expect(asked(old, end + 1n, end, 'none')).rejects.toThrow(/with its sum/);
  await expect(asked(old, end + 1n, end + 9n)).rejects.toThrow(/has the seals/);
  await site.database.prisma.auditEntry.create({ data: entryAt(old.getTime() + MINUTE_MS) });
  await expect(asked(old, end + 1n, end)).rejects.toThrow(/without a seal/);
});

test('the role of the server reaches no partition by its own name, and makes and forgets none itself', async () => {
  const { prisma } = site.database;
  const name = `AuditEntry_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;
  for (const statement of [
    `SELECT * FROM "${name}"`,
    `DELETE FROM "${name}"`,
    `DROP TABLE "${name}"`,
    `ALTER TABLE "AuditEntry" DETACH PARTITION "${name}"`,
    `SELECT "audit_make_month"('2020-01-01')`,
    `DELETE FROM "AuditSeal"`,
    `DELETE FROM "AuditArchive"`,
    `INSERT INTO "AuditArchive" (month, file, server, sha256, bytes, entries, "firstSequence", "lastSequence", "lastHash")
      VALUES ('2030-01-01', '', '', '', 0, 0, 1, 9, '')`,
    `DELETE FROM "RecordingChunk"`,
  ])
    await expect(prisma.$executeRawUnsafe(statement), statement).rejects.toThrow(/denied|must be owner/);
});
