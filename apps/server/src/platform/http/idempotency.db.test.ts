import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { createKeys } from '../keys/cluster-key.ts';
import { createIdempotency, type Idempotency } from './idempotency.store.ts';

const USER = uuid();
let test: TestDatabase;
let idempotency: Idempotency;

beforeAll(async () => {
  test = await createTestDatabase();
  idempotency = createIdempotency(test.database, createKeys(randomBytes(32)));
});
afterAll(() => test?.drop());

/** As if the requests that are under way had begun so long ago. */
const age = async (minutes: number): Promise<void> => {
  await test.database.prisma.idempotencyKey.updateMany({
    data: { createdAt: new Date(Date.now() - minutes * 60_000) },
  });
};

describe('an idempotency key', () => {
  it('gives the first answer again, to the same user and request alone', async () => {
    const { id } = await idempotency.begin(USER, 'a', 'request');
    await idempotency.keep(id, { status: 200, body: { made: 1 } });
    expect(await idempotency.begin(USER, 'a', 'request')).toEqual({
      id,
      kept: { status: 200, body: { made: 1 } },
    });
    await expect(idempotency.begin(USER, 'a', 'another')).rejects.toMatchObject({
      code: 'idempotency.reused',
    });
    expect(await idempotency.begin(uuid(), 'a', 'request')).not.toHaveProperty('kept');
  });

  it('holds a repeated request back while the first is under way, and says when to ask again', async () => {
    await idempotency.begin(USER, 'b', 'request');
    await age(1);
    await expect(idempotency.begin(USER, 'b', 'request')).rejects.toMatchObject({
      code: 'conflict.state',
      retryAfterSeconds: 5,
    });
  });

  it('is free again when its server died, for one of those who repeat the request', async () => {
    const { id } = await idempotency.begin(USER, 'c', 'request');
    await age(4);
    const again = await Promise.allSettled([1, 2, 3].map(() => idempotency.begin(USER, 'c', 'request')));
    expect(again.filter(({ status }) => status === 'fulfilled')).toEqual([
      { status: 'fulfilled', value: { id } },
    ]);
  });

  it('is forgotten after a day', async () => {
    const { id } = await idempotency.begin(USER, 'd', 'request');
    await idempotency.keep(id, { status: 200, body: 1 });
    await age(25 * 60);
    expect(await idempotency.begin(USER, 'd', 'request')).toEqual({ id });
  });
});
