import { v7 as uuid } from 'uuid';
import { readRights } from '../access/rights.store.ts';
import type { Subject } from '../access/subject.ts';
import { readSettings, sessionSettings } from '../platform/cluster/settings.store.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../platform/db/page-of-rows.ts';
import { hashSecret, newSecret, sameHash } from './secrets.ts';

export type NewSession = { sessionId: string; cookie: string; pageSecret: string; expiresAt: Date };
export type FoundSession = {
  subject: Subject;
  mustChange: boolean;
  /** Codes of an authenticator are required of the account, and it has none yet. */
  mustSetUpCodes: boolean;
  newCookie?: string;
  expiresAt: Date;
};

const ROTATE_AFTER_MS = 15 * 60_000;
/** Requests under way when the cookie rotated still carry the one before. */
const PREVIOUS_GOOD_MS = 60_000;
const SEEN_EVERY_MS = 60_000;

export const startSession = async (
  tx: Tx,
  userId: string,
  from: { address: string; userAgent: string },
  now: Date,
): Promise<NewSession> => {
  const { sessionHours } = await readSettings(tx);
  const made = { sessionId: uuid(), cookie: newSecret(), pageSecret: newSecret() };
  const expiresAt = new Date(now.getTime() + sessionHours * 3_600_000);
  await tx.session.create({
    data: {
      id: made.sessionId,
      userId,
      cookieHash: hashSecret(made.cookie),
      pageSecretHash: hashSecret(made.pageSecret),
      expiresAt,
      address: from.address,
      userAgent: from.userAgent.slice(0, 300),
    },
  });
  return { ...made, expiresAt };
};

type Row = {
  id: string;
  cookieHash: string;
  previousHash: string | null;
  pageSecretHash: string;
  rotatedAt: Date;
  seenAt: Date;
  expiresAt: Date;
  userId: string;
  name: string;
  administrator: boolean;
  mustChange: boolean;
  disabledAt: Date | null;
  totpSince: Date | null;
  passwordHash: string | null;
  settings: unknown;
};

/** Asked for with every request: session, user and the cluster's settings in one statement. */
const load = async (database: Database, cookie: string): Promise<Row | undefined> => {
  const hash = hashSecret(cookie);
  const [row] = await database.prisma.$queryRaw<Row[]>`
    SELECT s.id, s."cookieHash", s."previousHash", s."pageSecretHash", s."rotatedAt", s."seenAt", s."expiresAt",
      u.id AS "userId", u.name, u.administrator, u."mustChange", u."disabledAt", u."totpSince", u."passwordHash", c.settings
    FROM "Session" s JOIN "User" u ON u.id = s."userId" CROSS JOIN "Cluster" c
    WHERE (s."cookieHash" = ${hash} OR s."previousHash" = ${hash}) AND s."endedAt" IS NULL`;
  return row;
};

/** Whether the browser has shown the cookie of the last rotation: an answer may be lost, and its cookie with it. */
const hasArrived = (row: Row): boolean => row.previousHash === null || row.seenAt > row.rotatedAt;

const isGood = (row: Row, cookie: string, pageSecret: string, now: Date, idleMinutes: number): boolean => {
  if (!sameHash(row.pageSecretHash, hashSecret(pageSecret))) return false;
  if (row.expiresAt <= now || row.disabledAt) return false;
  if (now.getTime() - row.seenAt.getTime() > idleMinutes * 60_000) return false;
  if (row.cookieHash === hashSecret(cookie) || !hasArrived(row)) return true;
  return now.getTime() - row.rotatedAt.getTime() < PREVIOUS_GOOD_MS;
};

/** The cookie has had its time; or it is the one before, and the one after it never came to be shown. */
const isDue = (row: Row, cookie: string, now: Date): boolean => {
  const age = now.getTime() - row.rotatedAt.getTime();
  if (row.cookieHash === hashSecret(cookie)) return age > ROTATE_AFTER_MS;
  return age > PREVIOUS_GOOD_MS && !hasArrived(row);
};

/** Conditional on the session's cookie still being the one that was found: of two requests at once one rotates. */
const rotate = async (
  database: Database,
  row: Row,
  shown: string,
  now: Date,
): Promise<string | undefined> => {
  const cookie = newSecret();
  const { count } = await database.prisma.session.updateMany({
    where: { id: row.id, cookieHash: row.cookieHash },
    data: { cookieHash: hashSecret(cookie), previousHash: hashSecret(shown), rotatedAt: now, seenAt: now },
  });
  return count === 1 ? cookie : undefined;
};

/** Written once a minute, and at once when the newest cookie is shown first: from then on the one before ends. */
const keepSeen = async (database: Database, row: Row, cookie: string, now: Date): Promise<void> => {
  const arrives = row.cookieHash === hashSecret(cookie) && !hasArrived(row);
  const late = hasArrived(row) && now.getTime() - row.seenAt.getTime() > SEEN_EVERY_MS;
  if (!arrives && !late) return;
  const seenAt = new Date(Math.max(now.getTime(), row.rotatedAt.getTime() + 1));
  await database.prisma.session.updateMany({
    where: { id: row.id, cookieHash: row.cookieHash },
    data: { seenAt },
  });
};

/** Whom the cluster's setting asks for codes; who signs in through a directory is the directory's to ask. */
const lacksCodes = ({ administrator, totpSince, passwordHash }: Row): boolean =>
  administrator && totpSince === null && passwordHash !== null;

/** The session of a cookie *and* the page's own secret; the cookie alone, or the secret alone, finds nothing. */
export const findSession = async (
  database: Database,
  cookie: string,
  pageSecret: string,
  options: { now: Date; mayRotate: boolean },
): Promise<FoundSession | undefined> => {
  const row = await load(database, cookie);
  if (!row) return undefined;
  const { now } = options;
  const { sessionIdleMinutes, administratorsNeedCodes } = sessionSettings(row.settings);
  if (!isGood(row, cookie, pageSecret, now, sessionIdleMinutes)) return undefined;
  const newCookie =
    options.mayRotate && isDue(row, cookie, now) ? await rotate(database, row, cookie, now) : undefined;
  if (!newCookie) await keepSeen(database, row, cookie, now);
  const { userId, name, administrator, mustChange } = row;
  return {
    subject: {
      ...{ kind: 'user', userId, name, administrator, sessionId: row.id },
      ...(administrator ? {} : await readRights(database.prisma, userId)),
    },
    mustChange,
    mustSetUpCodes: administratorsNeedCodes && lacksCodes(row),
    expiresAt: row.expiresAt,
    ...(newCookie ? { newCookie } : {}),
  };
};

/** Ends all sessions of many at once. */
export const endSessionsOf = async (tx: Tx, userIds: readonly string[], now: Date): Promise<void> => {
  if (userIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Session" SET "endedAt" = ${now} WHERE "userId" = ANY(${[...userIds]}::uuid[]) AND "endedAt" IS NULL`;
};

/** Ends sessions of one user: one, all, or all but one. Returns the ids of those that were still open. */
export const endSessions = async (
  tx: Tx,
  userId: string,
  which: { only?: string; except?: string },
  now: Date,
): Promise<string[]> => {
  const rows = await tx.session.findMany({
    where: {
      userId,
      endedAt: null,
      ...(which.only !== undefined ? { id: which.only } : {}),
      ...(which.except ? { id: { not: which.except } } : {}),
    },
    select: { id: true },
  });
  const ids = rows.map((row) => row.id);
  await tx.session.updateMany({ where: { id: { in: ids } }, data: { endedAt: now } });
  return ids;
};

type SessionRow = {
  id: string;
  createdAt: Date;
  seenAt: Date;
  expiresAt: Date;
  address: string;
  userAgent: string;
};

/** A page of the user's sessions, the one seen last first unless asked otherwise. */
export const pageOfSessions = (database: Database, userId: string, query: PageQuery, now: Date) =>
  pageOfRows<SessionRow>(
    database.prisma,
    {
      rows: Prisma.sql`SELECT id, "createdAt", "seenAt", "expiresAt", address, "userAgent" FROM "Session"
        WHERE "userId" = ${userId}::uuid AND "endedAt" IS NULL AND "expiresAt" > ${now}`,
      search: ['address', 'userAgent'],
      sorts: {
        seenAt: ['seenAt', 'timestamptz'],
        createdAt: ['createdAt', 'timestamptz'],
        address: ['address', 'text'],
      },
      usual: ['seenAt', 'desc'],
    },
    query,
  );

export const sessionStands = async (database: Database, id: string, now: Date): Promise<boolean> =>
  (await database.prisma.session.count({
    where: { id, endedAt: null, expiresAt: { gt: now }, user: { disabledAt: null } },
  })) === 1;
