import { createHash } from 'node:crypto';
import { DomainError } from '@portreeve/domain';
import type { Database, Tx } from '../db/database.ts';
import { isUniqueViolation } from '../db/errors.ts';
import type { ClusterKeys } from '../keys/cluster-key.ts';

export type KeptAnswer = { status: number; body: unknown };
/** A key that a request holds; `since` tells its holders apart. */
export type HeldKey = { id: string; since: Date };
export type Idempotency = {
  /** The answer given before to the same key and request; without one the key is now held and must be settled. */
  begin(userId: string, key: string, request: string): Promise<{ held: HeldKey } | { kept: KeptAnswer }>;
  keep(held: HeldKey, answer: KeptAnswer): Promise<void>;
  /** Frees the key of a request that came to nothing; one that was carried out keeps it. */
  release(held: HeldKey): Promise<void>;
};

const KEPT_MS = 24 * 3_600_000;
const UNDER_WAY = 0;
/** Committed, its answer not kept: for the moment until it is, or for good when the server died in between. */
const CARRIED_OUT = 1;
/** No request takes this long: one still under way then was a server's that died, and its key is free again. */
const ABANDONED_MS = 3 * 60_000;
const RETRY_AFTER_SECONDS = 5;
const hash = (...parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

const lost = (): DomainError =>
  new DomainError(
    'conflict.state',
    'The first request with this Idempotency-Key was carried out, but its answer was lost with its server.',
    { hint: 'Look at what is there now; send it with a new key only if it is to be done once more.' },
  );
const stillUnderWay = (): DomainError =>
  new DomainError('conflict.state', 'The first request with this Idempotency-Key is still under way.', {
    hint: 'Ask again in a moment with the same key.',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

/**
 * Notes in the action's own transaction that the request of this key is carried out, so that no repetition carries it
 * out again, whatever becomes of the answer. Throws when somebody else has the key by now: the action is undone.
 */
export const carryOut = async (tx: Tx, { id, since }: HeldKey): Promise<void> => {
  const own = { key: id, createdAt: since };
  const { count } = await tx.idempotencyKey.updateMany({
    where: { ...own, status: UNDER_WAY },
    data: { status: CARRIED_OUT },
  });
  if (count === 0 && (await tx.idempotencyKey.count({ where: own })) === 0) throw stillUnderWay();
};

/** Carries a request out once: whoever repeats it is given the first answer. What failed may be tried again. */
export const once = async (
  idempotency: Idempotency,
  asked: { userId: string; key: string; request: string },
  work: (held: HeldKey) => Promise<KeptAnswer>,
): Promise<KeptAnswer & { repeated: boolean }> => {
  const begun = await idempotency.begin(asked.userId, asked.key, asked.request);
  if ('kept' in begun) return { ...begun.kept, repeated: true };
  const { held } = begun;
  const answer = await work(held).catch(async (error) => {
    await idempotency.release(held).catch(() => {});
    throw error;
  });
  // It is done: that its answer cannot be kept must not make the caller do it again.
  await idempotency.keep(held, answer).catch(() => {});
  return { ...answer, repeated: false };
};

/** Repeating a request with the same `Idempotency-Key` gives the first answer again and does nothing. */
export const createIdempotency = (database: Database, keys: ClusterKeys): Idempotency => {
  const rows = database.prisma.idempotencyKey;
  const context = (id: string) => `idempotency:${id}`;
  const isAbandoned = ({ createdAt }: { createdAt: Date }): boolean =>
    Date.now() - createdAt.getTime() >= ABANDONED_MS;
  /** Conditional on when it was begun: of two who repeat it one takes it. */
  const takeOver = async ({ key, createdAt }: { key: string; createdAt: Date }): Promise<HeldKey> => {
    const since = new Date();
    const { count } = await rows.updateMany({
      where: { key, createdAt, status: UNDER_WAY },
      data: { createdAt: since },
    });
    if (count === 1) return { id: key, since };
    throw stillUnderWay();
  };
  return {
    begin: async (userId, key, request) => {
      const id = hash(userId, key);
      const requestHash = hash(request);
      const since = new Date();
      await rows.deleteMany({ where: { createdAt: { lt: new Date(since.getTime() - KEPT_MS) } } });
      try {
        await rows.create({
          data: { key: id, userId, requestHash, status: UNDER_WAY, sealedBody: '', createdAt: since },
        });
        return { held: { id, since } };
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
      }
      const present = await rows.findUnique({ where: { key: id } });
      if (present && present.requestHash !== requestHash)
        throw new DomainError('idempotency.reused', 'This Idempotency-Key was used for another request.', {
          hint: 'Make a new key for each request, and keep it for repeating that very one.',
        });
      if (!present) throw stillUnderWay();
      if (present.status > CARRIED_OUT)
        return {
          kept: { status: present.status, body: JSON.parse(keys.unseal(present.sealedBody, context(id))) },
        };
      if (!isAbandoned(present)) throw stillUnderWay();
      if (present.status === CARRIED_OUT) throw lost();
      return { held: await takeOver(present) };
    },
    keep: async ({ id, since }, { status, body }) => {
      const sealedBody = keys.seal(JSON.stringify(body ?? null), context(id));
      await rows.updateMany({ where: { key: id, createdAt: since }, data: { status, sealedBody } });
    },
    release: async ({ id, since }) => {
      await rows.deleteMany({ where: { key: id, createdAt: since, status: UNDER_WAY } });
    },
  };
};
