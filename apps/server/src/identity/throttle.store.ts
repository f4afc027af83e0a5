import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { DomainError } from '@portreeve/domain';
import type { Database, Tx } from '../platform/db/database.ts';

/**
 * Attempts are counted per account *and* address, so that nobody can lock another person out by failing in their
 * name; and, more patiently, per address alone, so that trying many names does not help either. An attempt counts
 * before it is judged, so that many at once are no more than one after the other; a right one is taken back.
 */
const LIMITS = { pair: 5, address: 30, start: 20 } as const;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const FORGOTTEN_AFTER_MS = 3_600_000;

type Counter = { key: string; limit: number };
/** An attempt that was let through, and until when it made the next ones wait. */
export type Attempt = { account: string; address: string; blockedUntil: Date | null };

const key = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Who has one IPv6 address has its whole /64. */
const neighbourhood = (address: string): string => {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const filled = [
    ...before,
    ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'),
    ...after,
  ];
  return filled
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
};

const pairKey = (account: string, address: string): string =>
  key('pair', account.toLowerCase(), neighbourhood(address));
const addressCounter = (address: string): Counter => ({
  key: key('address', neighbourhood(address)),
  limit: LIMITS.address,
});

/** Milliseconds to wait after `failures`; doubles from the limit on. */
const waitAfter = (failures: number, limit: number): number =>
  failures < limit ? 0 : Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - limit, 20), LONGEST_WAIT_MS);

const throttled = (until: Date | null, now: Date): DomainError => {
  const seconds = Math.max(1, Math.ceil(((until?.getTime() ?? 0) - now.getTime()) / 1_000));
  return new DomainError('auth.throttled', `Too many attempts from here: try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
};

/** One more, unless this one has to wait; whoever comes at the same moment finds the row changed. */
const countOne = async (tx: Tx, counter: Counter, now: Date): Promise<Date | null> => {
  const [row] = await tx.$queryRaw<{ failures: number }[]>`
    INSERT INTO "Throttle" AS t (key, failures, "updatedAt") VALUES (${counter.key}, 1, ${now})
    ON CONFLICT (key) DO UPDATE SET failures = t.failures + 1, "updatedAt" = ${now}
    WHERE t."blockedUntil" IS NULL OR t."blockedUntil" <= ${now}
    RETURNING failures`;
  const where = { key: counter.key };
  if (!row) throw throttled((await tx.throttle.findUnique({ where }))?.blockedUntil ?? null, now);
  const wait = waitAfter(row.failures, counter.limit);
  if (wait === 0) return null;
  const blockedUntil = new Date(now.getTime() + wait);
  await tx.throttle.update({ where, data: { blockedUntil } });
  return blockedUntil;
};

const forgetOld = (database: Database, now: Date) =>
  database.prisma.throttle.deleteMany({
    where: { updatedAt: { lt: new Date(now.getTime() - FORGOTTEN_AFTER_MS) } },
  });

/** Counts an attempt before it is judged. Throws `auth.throttled` while the pair or the address has to wait. */
export const takeAttempt = async (
  database: Database,
  account: string,
  address: string,
  now: Date,
): Promise<Attempt> => {
  await forgetOld(database, now);
  return database.transaction(async (tx) => {
    await countOne(tx, { key: pairKey(account, address), limit: LIMITS.pair }, now);
    return { account, address, blockedUntil: await countOne(tx, addressCounter(address), now) };
  });
};

/** What anybody may start, but not without end. It does not slow the sign-ins of that address. */
export const takeStart = async (
  database: Database,
  what: string,
  address: string,
  now: Date,
): Promise<void> => {
  await forgetOld(database, now);
  await database.transaction((tx) => countOne(tx, { key: pairKey(what, address), limit: LIMITS.start }, now));
};

/** The attempt was right: it clears the pair and was none of the address, which keeps its count of the others. */
export const forgive = async (
  database: Database,
  { account, address, blockedUntil }: Attempt,
): Promise<void> => {
  const { key } = addressCounter(address);
  await database.prisma.throttle.deleteMany({ where: { key: pairKey(account, address) } });
  await database.prisma.throttle.updateMany({
    where: { key, failures: { gt: 0 } },
    data: { failures: { decrement: 1 } },
  });
  if (blockedUntil)
    await database.prisma.throttle.updateMany({ where: { key, blockedUntil }, data: { blockedUntil: null } });
};

/** The attempt could not be judged, by nobody's fault who made it: it counts as not made. */
export const takeBack = async (
  database: Database,
  { account, address, blockedUntil }: Attempt,
): Promise<void> => {
  const undo = (key: string, blocks: object) =>
    database.prisma.throttle.updateMany({
      where: { key, failures: { gt: 0 } },
      data: { failures: { decrement: 1 }, ...blocks },
    });
  await undo(pairKey(account, address), { blockedUntil: null });
  await undo(addressCounter(address).key, blockedUntil ? { blockedUntil: null } : {});
};
