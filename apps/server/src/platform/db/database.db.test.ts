import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

describe('database', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.drop());

  it('is left as it is when the migrations run again', async () => {
    expect(await migrate(test.ownerUrl, test.url)).toEqual([]);
  });

  it('refuses a schema that a newer version has changed', async () => {
    const client = new pg.Client({ connectionString: test.ownerUrl });
    await client.connect();
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '9999_future', now())`,
    );
    await expect(migrate(test.ownerUrl, test.url)).rejects.toThrow(
      /newer version of Portreeve \(9999_future\)/,
    );
    await client.query(`DELETE FROM "_prisma_migrations" WHERE id = 'x'`);
    await client.end();
  });

  it('lets the application role add audit entries and never change or remove them', async () => {
    const { prisma } = test.database;
    const [id, at] = [uuid(), new Date()];
    await prisma.auditEntry.create({
      data: {
        id,
        at,
        actorKind: 'user',
        actorName: 'x',
        via: 'test',
        address: '',
        action: 'a',
        outcome: 'ok',
      },
    });
    const where = { at_id: { at, id } };
    await expect(prisma.auditEntry.update({ where, data: { action: 'b' } })).rejects.toThrow(/denied/);
    await expect(prisma.auditEntry.delete({ where })).rejects.toThrow(/denied/);
    await expect(prisma.$executeRawUnsafe('TRUNCATE "AuditSeal"')).rejects.toThrow(/denied/);
    await expect(prisma.$executeRawUnsafe('CREATE TABLE x (id int)')).rejects.toThrow(/denied/);
  });

  it('F-7 runs a transaction again that met another one', async () => {
    const { database } = test;
    await database.prisma.throttle.create({ data: { key: 'k', failures: 0, updatedAt: new Date() } });
    const raise = () =>
      database.transaction(
        async (tx) => {
          const { failures } = await tx.throttle.findUniqueOrThrow({ where: { key: 'k' } });
          await tx.throttle.update({ where: { key: 'k' }, data: { failures: failures + 1 } });
        },
        { isolation: 'Serializable' },
      );
    await Promise.all([raise(), raise(), raise()]);
    expect((await database.prisma.throttle.findUniqueOrThrow({ where: { key: 'k' } })).failures).toBe(3);
  });

  it('notifies when the transaction commits, and not when it does not', async () => {
    const { database } = test;
    const heard: (string | null)[] = [];
    await expect.poll(() => database.prisma.$queryRaw`SELECT 1`).toBeTruthy();
    const stop = database.listen('news', (payload) => heard.push(payload));
    await database
      .transaction(async (tx) => {
        await database.notify(tx, 'news', 'never');
        throw new Error('rolled back');
      })
      .catch(() => {});
    await expect
      .poll(async () => {
        await database.transaction((tx) => database.notify(tx, 'news', 'committed'));
        return heard.includes('committed');
      })
      .toBe(true);
    expect(heard).not.toContain('never');
    stop();
  });
});
