import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createContext, systemContext } from '../platform/http/context.ts';
import { recordAudit } from './audit.store.ts';
import { sealBatch } from './seal.store.ts';
import { verifyAudit } from './verify.ts';

let test: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  test = await createTestDatabase();
  owner = new pg.Client({ connectionString: test.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await test.drop();
});

const record = (action: string) =>
  test.database.transaction((tx) =>
    recordAudit(tx, systemContext('test'), { action, detail: { b: 1, a: [{ d: 1, c: null }] } }),
  );

describe('the audit chain', () => {
  it('seals every entry once, whoever seals at the same moment', async () => {
    for (const action of ['a.one', 'a.two', 'a.three', 'a.four']) await record(action);
    await Promise.allSettled([sealBatch(test.database), sealBatch(test.database), sealBatch(test.database)]);
    await sealBatch(test.database);
    expect(await test.database.prisma.auditSeal.count()).toBe(4);
    expect(await verifyAudit(test.database)).toMatchObject({ ok: true, entries: 4 });
  });

  it('names the entry that someone with the owner’s rights changed, or took away', async () => {
    const { rows } = await owner.query(`SELECT id FROM "AuditEntry" WHERE action = 'a.two'`);
    await owner.query(`UPDATE "AuditEntry" SET "actorName" = 'someone else' WHERE action = 'a.two'`);
    expect(await verifyAudit(test.database)).toMatchObject({ ok: false, firstBad: rows[0].id });
    await owner.query(`UPDATE "AuditEntry" SET "actorName" = 'test' WHERE action = 'a.two'`);
    expect(await verifyAudit(test.database)).toMatchObject({ ok: true });
    await owner.query(`DELETE FROM "AuditEntry" WHERE action = 'a.three'`);
    expect(await verifyAudit(test.database)).toMatchObject({ ok: false, problem: 'missing', sequence: '3' });
  });

  it('takes no entry of an action for which no permission was asked', async () => {
    const subject = { kind: 'user', userId: '', name: 'x', administrator: true } as const;
    const ctx = createContext(subject, { address: '', via: 'browser' });
    const act = () =>
      test.database.transaction((tx) => recordAudit(tx, ctx, { action: 'node.remove', projectPath: '/' }));
    await expect(act()).rejects.toThrow(/without asking for a permission/);
    ctx.authorize('node.remove');
    await expect(act()).resolves.toBeUndefined();
  });

  it('settles the key of the request with the entry, and takes none of a request whose key another has', async () => {
    const { idempotencyKey, auditEntry } = test.database.prisma;
    const since = new Date();
    const row = { key: 'k', userId: uuid(), requestHash: '', status: 0, sealedBody: '', createdAt: since };
    await idempotencyKey.create({ data: row });
    const act = (action: string) =>
      test.database.transaction((tx) =>
        recordAudit(tx, { ...systemContext('test'), heldKey: { id: 'k', since } }, { action }),
      );
    await act('key.first');
    await act('key.second');
    expect(await idempotencyKey.findUnique({ where: { key: 'k' } })).toMatchObject({ status: 1 });
    await idempotencyKey.update({ where: { key: 'k' }, data: { createdAt: new Date(0) } });
    await expect(act('key.third')).rejects.toMatchObject({ code: 'conflict.state' });
    expect(await auditEntry.count({ where: { action: 'key.third' } })).toBe(0);
  });
});
