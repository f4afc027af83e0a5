import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { createKeys } from '../keys/cluster-key.ts';
import { carryOut, createIdempotency, type HeldKey, type Idempotency } from './idempotency.store.ts';

const USER = uuid();
let test: TestDatabase;
let idempotency: Idempotency;

beforeAll(async () => {
  test = await createTestDatabase();
  idempotency = createIdempotency(test.database, createKeys(randomBytes(32)));
});
afterAll(() => test?.drop());

const hold = async (key: string): Promise<HeldKey> => {
  const begun = await idempotency.begin(USER, key, 'request');
  if ('held' in begun) return begun.held;
  throw new Error(`the key ${key} has an answer`);
};
const act = (held: HeldKey) => test.database.transaction((tx) => carryOut(tx, held));

/** As if the requests that are under way had begun so long ago. */
const age = async (minutes: number): Promise<void> => {
  await test.database.prisma.idempotencyKey.updateMany({
    data: { createdAt: new Date(Date.now() - minutes * 60_000) },
  });
};

describe('an idempotency key', () => {
  it('gives the first answer again, to the same user and request alone', async () => {
    await idempotency.keep(await hold('a'), { status: 200, body: { made: 1 } });
    expect(await idempotency.begin(USER, 'a', 'request')).toEqual({
      kept: { status: 200, body: { made: 1 } },
    });
    await expect(idempotency.begin(USER, 'a', 'another')).rejects.toMatchObject({
      code: 'idempotency.reused',
    });
    expect(await idempotency.begin(uuid(), 'a', 'request')).toHaveProperty('held');
  });

  it('holds a repeated request back while the first is under way, and says when to ask again', async () => {
    await hold('b');
    await age(1);
    await expect(idempotency.begin(USER, 'b', 'request')).rejects.toMatchObject({
      code: 'conflict.state',
      retryAfterSeconds: 5,
    });
  });

  it('is free again when its server died, for one of those who repeat the request', async () => {
    const dead = await hold('c');
    await age(4);
    const again = await Promise.allSettled([1, 2, 3].map(() => hold('c')));
    expect(again.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
    // It was only slow: what it still wants to do is undone, for another does it.
    await expect(act(dead)).rejects.toMatchObject({ code: 'conflict.state' });
  });

  it('is never free again once its request was carried out, though the answer was lost with its server', async () => {
    await act(await hold('done'));
    await expect(hold('done')).rejects.toMatchObject({ retryAfterSeconds: 5 });
    await age(4);
    await expect(hold('done')).rejects.toMatchObject({
      code: 'conflict.state',
      message: expect.stringContaining('was carried out'),
      hint: expect.stringContaining('new key'),
    });
  });

  it('stays with a request that was carried out and then failed, and is freed by one that came to nothing', async () => {
    const nothing = await hold('nothing');
    await idempotency.release(nothing);
    await hold('nothing');
    const done = await hold('failed later');
    await act(done);
    await idempotency.release(done);
    await expect(hold('failed later')).rejects.toMatchObject({ code: 'conflict.state' });
  });

  it('is forgotten after a day', async () => {
    await idempotency.keep(await hold('d'), { status: 200, body: 1 });
    await age(25 * 60);
    expect(await idempotency.begin(USER, 'd', 'request')).toHaveProperty('held');
  });
});
