import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { lastSeal, sealBatch } from './seal.store.ts';
import { verifyAudit } from './verify.ts';

const HOUR_MS = 3_600_000;

let site: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  site = await createTestDatabase();
  owner = new pg.Client({ connectionString: site.ownerUrl });
  await owner.connect();
  const data = Array.from({ length: 1_200 }, (_, n) => ({
    ...{ id: uuid(), at: new Date(Date.now() - HOUR_MS + n * 1_000), actorKind: 'user', actorName: 'admin' },
    ...{ via: 'browser', address: '', action: `a.${n}`, outcome: 'done', detail: { n } },
  }));
  await site.database.prisma.auditEntry.createMany({ data });
  while ((await sealBatch(site.database)) > 0);
});
afterAll(async () => {
  await owner?.end();
  await site?.drop();
});

const head = async () => {
  const last = await lastSeal(site.database.prisma);
  return { sequence: String(last?.sequence), hash: last?.hash ?? '' };
};
const idOf = async (sequence: number): Promise<string> =>
  (await site.database.prisma.auditSeal.findUniqueOrThrow({ where: { sequence } })).entryId;
/** As somebody with the owner's rights would, and undone. */
const tampered = async (work: () => Promise<unknown>, check: () => Promise<void>) => {
  await owner.query('CREATE TABLE kept_entries AS TABLE "AuditEntry"');
  await owner.query('CREATE TABLE kept_seals AS TABLE "AuditSeal"');
  try {
    await work();
    await check();
  } finally {
    await owner.query('TRUNCATE "AuditEntry", "AuditSeal"');
    await owner.query('INSERT INTO "AuditEntry" SELECT * FROM kept_entries');
    await owner.query('INSERT INTO "AuditSeal" SELECT * FROM kept_seals');
    await owner.query('DROP TABLE kept_entries, kept_seals');
  }
};

describe('the check of the chain', () => {
  beforeEach(async () =>
    expect(await verifyAudit(site.database)).toMatchObject({ ok: true, entries: 1_200 }),
  );

  it.each([
    ['its actor', `"actorName" = 'eve'`],
    ['a detail', `detail = '{"n": 0}'`],
    ['the grant it is said to follow from', 'grantId = gen_random_uuid()'.replace('grantId', '"grantId"')],
    ['its time', `at = at + interval '1 second'`],
  ])('names an entry when somebody changed %s', async (_, change) => {
    const id = await idOf(700);
    await tampered(
      () => owner.query(`UPDATE "AuditEntry" SET ${change} WHERE id = $1`, [id]),
      async () =>
        expect(await verifyAudit(site.database)).toMatchObject({
          ...{ ok: false, problem: 'changed', firstBad: id, sequence: '700', entries: 699 },
        }),
    );
  });

  it('names a seal that is gone, with or without its entry', async () => {
    for (const also of ['', `DELETE FROM "AuditEntry" WHERE action = 'a.699'`])
      await tampered(
        () => owner.query(`${also}; DELETE FROM "AuditSeal" WHERE sequence = 700`),
        async () =>
          expect(await verifyAudit(site.database)).toMatchObject({ problem: 'missing', sequence: '700' }),
      );
  });

  it('names two that were exchanged', async () => {
    await tampered(
      () =>
        owner.query(`CREATE TEMP TABLE two AS SELECT * FROM "AuditSeal" WHERE sequence IN (20, 30);
          DELETE FROM "AuditSeal" WHERE sequence IN (20, 30);
          INSERT INTO "AuditSeal" SELECT 50 - sequence, "entryId", "previousHash", hash, "sealedAt", "entryAt" FROM two`),
      async () =>
        expect(await verifyAudit(site.database)).toMatchObject({ problem: 'reordered', sequence: '20' }),
    );
  });

  it('finds a tail that was cut off, by a checkpoint that was kept elsewhere', async () => {
    const checkpoint = await head();
    await tampered(
      () =>
        owner.query(`DELETE FROM "AuditEntry" WHERE id IN (SELECT "entryId" FROM "AuditSeal" WHERE sequence > 1100);
          DELETE FROM "AuditSeal" WHERE sequence > 1100`),
      async () => {
        expect(await verifyAudit(site.database)).toMatchObject({ ok: true, entries: 1_100 });
        expect(await verifyAudit(site.database, { checkpoint })).toMatchObject({
          ...{ ok: false, problem: 'cut', sequence: '1200' },
          text: 'The chain ends at 1100: what came after it, up to 1200 at least, was cut off.',
        });
      },
    );
  });

  it('finds a chain that was sealed anew after a change', async () => {
    const checkpoint = await head();
    await tampered(
      async () => {
        await owner.query(`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE action = 'a.5'`);
        await owner.query('TRUNCATE "AuditSeal"');
        while ((await sealBatch(site.database)) > 0);
      },
      async () => {
        expect(await verifyAudit(site.database)).toMatchObject({ ok: true });
        expect(await verifyAudit(site.database, { checkpoint })).toMatchObject({ problem: 'rewritten' });
      },
    );
  });

  it('goes on where it stopped, and from no place that the chain does not go through', async () => {
    const part = await verifyAudit(site.database, { longestMs: 0 });
    expect(part).toMatchObject({ ok: true, entries: 1_000, next: { sequence: '1000' } });
    const after = part.next ?? undefined;
    expect(await verifyAudit(site.database, { after })).toMatchObject({
      ok: true,
      entries: 1_200,
      next: null,
    });
    const beyond = { sequence: '5000', hash: '0'.repeat(64) };
    expect(await verifyAudit(site.database, { after: beyond })).toMatchObject({ ok: false, problem: 'cut' });
    const forged = { sequence: '1000', hash: '0'.repeat(64) };
    expect(await verifyAudit(site.database, { after: forged })).toMatchObject({ problem: 'rewritten' });
  });
});
