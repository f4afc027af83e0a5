import { createHash } from 'node:crypto';
import { DomainError } from '@portreeve/domain';
import type { Database } from '../platform/db/database.ts';

/**
 * Failures are counted per account *and* address, so that nobody can lock another person out by failing in their
 * name; and, more patiently, per address alone, so that trying many names does not help either.
 */
const LIMITS = { pair: 5, address: 30, start: 20 } as const;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const FORGOTTEN_AFTER_MS = 3_600_000;

const key = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
const pairKey = (account: string, address: string): string => key('pair', account.toLowerCase(), address);
const keysOf = (account: string, address: string) => [
  { key: pairKey(account, address), limit: LIMITS.pair },
  { key: key('address', address), limit: LIMITS.address },
];

/** Milliseconds to wait after `failures`; doubles from the limit on. */
export const waitAfter = (failures: number, limit: number): number =>
  failures < limit ? 0 : Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - limit, 20), LONGEST_WAIT_MS);

/** Refuses while the pair or the address has to wait. */
export const requireUnthrottled = async (
  database: Database,
  account: string,
  address: string,
  now: Date,
): Promise<void> => {
  const rows = await database.prisma.throttle.findMany({
    where: { key: { in: keysOf(account, address).map((each) => each.key) }, blockedUntil: { gt: now } },
  });
  const until = Math.max(0, ...rows.map((row) => row.blockedUntil?.getTime() ?? 0));
  if (until === 0) return;
  const seconds = Math.ceil((until - now.getTime()) / 1_000);
  throw new DomainError('auth.throttled', `Too many attempts from here: try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
};

const count = async (
  database: Database,
  keys: { key: string; limit: number }[],
  now: Date,
): Promise<void> => {
  const forgotten = new Date(now.getTime() - FORGOTTEN_AFTER_MS);
  await database.transaction(async (tx) => {
    await tx.throttle.deleteMany({ where: { updatedAt: { lt: forgotten } } });
    for (const each of keys) {
      const row = await tx.throttle.upsert({
        where: { key: each.key },
        create: { key: each.key, failures: 1, updatedAt: now },
        update: { failures: { increment: 1 }, updatedAt: now },
      });
      const wait = waitAfter(row.failures, each.limit);
      if (wait > 0)
        await tx.throttle.update({
          where: { key: each.key },
          data: { blockedUntil: new Date(now.getTime() + wait) },
        });
    }
  });
};

export const countFailure = (
  database: Database,
  account: string,
  address: string,
  now: Date,
): Promise<void> => count(database, keysOf(account, address), now);

/** What anybody may start, but not without end. No failure: it does not slow the sign-ins of that address. */
export const countStart = (database: Database, what: string, address: string, now: Date): Promise<void> =>
  count(database, [{ key: pairKey(what, address), limit: LIMITS.start }], now);

/** A right password clears the pair; the address alone keeps its count. */
export const forgetFailures = async (database: Database, account: string, address: string): Promise<void> => {
  await database.prisma.throttle.deleteMany({ where: { key: pairKey(account, address) } });
};
