import { createHash } from 'node:crypto';
import { DomainError } from '@portreeve/domain';
import type { Database } from '../db/database.ts';
import { isUniqueViolation } from '../db/errors.ts';
import type { ClusterKeys } from '../keys/cluster-key.ts';

export type KeptAnswer = { status: number; body: unknown };
export type Idempotency = {
  /** The answer given before to the same key and request; undefined: the key is now held and must be settled. */
  begin(userId: string, key: string, request: string): Promise<{ id: string; kept?: KeptAnswer }>;
  keep(id: string, answer: KeptAnswer): Promise<void>;
  release(id: string): Promise<void>;
};

const KEPT_MS = 24 * 3_600_000;
const UNDER_WAY = 0;
/** No request takes this long: one still under way then was a server's that died, and its key is free again. */
const ABANDONED_MS = 3 * 60_000;
const RETRY_AFTER_SECONDS = 5;
const hash = (...parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** Repeating a request with the same `Idempotency-Key` gives the first answer again and does nothing. */
export const createIdempotency = (database: Database, keys: ClusterKeys): Idempotency => {
  const rows = database.prisma.idempotencyKey;
  const context = (id: string) => `idempotency:${id}`;
  /** Conditional on when it was begun: of two who repeat it one takes it. */
  const takeOver = async ({ key, createdAt }: { key: string; createdAt: Date }): Promise<boolean> => {
    const now = new Date();
    if (now.getTime() - createdAt.getTime() < ABANDONED_MS) return false;
    const { count } = await rows.updateMany({
      where: { key, createdAt, status: UNDER_WAY },
      data: { createdAt: now },
    });
    return count === 1;
  };
  return {
    begin: async (userId, key, request) => {
      const id = hash(userId, key);
      const requestHash = hash(request);
      await rows.deleteMany({ where: { createdAt: { lt: new Date(Date.now() - KEPT_MS) } } });
      try {
        await rows.create({ data: { key: id, userId, requestHash, status: UNDER_WAY, sealedBody: '' } });
        return { id };
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
      }
      const present = await rows.findUnique({ where: { key: id } });
      if (present && present.requestHash !== requestHash)
        throw new DomainError('idempotency.reused', 'This Idempotency-Key was used for another request.');
      if (!present || present.status === UNDER_WAY) {
        if (present && (await takeOver(present))) return { id };
        throw new DomainError(
          'conflict.state',
          'The first request with this Idempotency-Key is still under way.',
          { hint: 'Ask again in a moment with the same key.', retryAfterSeconds: RETRY_AFTER_SECONDS },
        );
      }
      return {
        id,
        kept: { status: present.status, body: JSON.parse(keys.unseal(present.sealedBody, context(id))) },
      };
    },
    keep: async (id, { status, body }) => {
      const sealedBody = keys.seal(JSON.stringify(body ?? null), context(id));
      await rows.update({ where: { key: id }, data: { status, sealedBody } });
    },
    release: async (id) => {
      await rows.deleteMany({ where: { key: id } });
    },
  };
};
