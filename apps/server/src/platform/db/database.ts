import type { ChangeKind } from '@portreeve/contract';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { databaseAway, databaseProblem, isSerializationFailure } from './errors.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';
import { watchHealth } from './health.ts';
import { createListener, type NotificationHandler } from './listener.ts';

/** What a store works on: the client itself, or a transaction of it. */
export type Tx = Prisma.TransactionClient;
export type Isolation = 'ReadCommitted' | 'RepeatableRead' | 'Serializable';

export type Database = {
  /** For reads and single statements; several writes belong into `transaction`. */
  prisma: PrismaClient;
  /** Runs `work` in one transaction, again when it met another one, so it must do nothing but database work. */
  transaction<T>(
    work: (tx: Tx) => Promise<T>,
    options?: { isolation?: Isolation; timeoutMs?: number },
  ): Promise<T>;
  /** Sent when `tx` commits; at most about 8,000 bytes. */
  notify(tx: Tx, channel: string, payload: string): Promise<void>;
  /** Tells every server which things changed, when `tx` commits: browsers' watches are run again (contract's `Change`). */
  announce(tx: Tx, kind: ChangeKind, ids: readonly string[]): Promise<void>;
  listen(channel: string, handler: NotificationHandler): () => void;
  /** Ends with a refusal as soon as the database is found away, whatever `work` waits for. */
  guard<T>(work: () => Promise<T>): Promise<T>;
  health: {
    available(): boolean;
    since(): Date;
    onAway(handler: () => void): () => void;
    onBack(handler: () => void): () => void;
  };
  pool(): { total: number; idle: number; waiting: number };
  ping(): Promise<void>;
  close(): Promise<void>;
};

export type DatabaseOptions = { connections?: number; statementTimeoutMs?: number };

/** Channel on which `announce` speaks. */
export const CHANGES_CHANNEL = 'portreeve_change';

const MAX_WAITING = 200;
const TRIES = 6;
const IDS_PER_NOTIFICATION = 150;

const poolOf = (url: string, options: DatabaseOptions): pg.Pool => {
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 16,
    // Whether the database is away is `health`'s to say, sooner; this only bounds the wait for a busy pool.
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    // The server's own limit comes first; this one frees us when nobody is there to keep it.
    query_timeout: statementTimeoutMs + 2_000,
    idle_in_transaction_session_timeout: 20_000,
    keepAlive: true,
    application_name: 'portreeve',
  });
  pool.on('error', () => {});
  return pool;
};

/** Connections that hang on a dead network are closed, so that their waiters end and no place in the pool is lost. */
const closeHangingConnections = (pool: pg.Pool): (() => void) => {
  const open = new Set<pg.PoolClient>();
  pool.on('connect', (client) => {
    open.add(client);
    client.on('error', () => {});
    client.once('end', () => open.delete(client));
  });
  return () => {
    for (const client of open)
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  };
};

/** Opens the database as the application role. Nothing is connected until it is asked for. */
export const createDatabase = (url: string, options: DatabaseOptions = {}): Database => {
  const pool = poolOf(url, options);
  const closeHanging = closeHangingConnections(pool);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const listener = createListener(url);
  const health = watchHealth(url);
  let hanging: NodeJS.Timeout | undefined;
  health.onAway(() => {
    hanging = setTimeout(() => health.available() || closeHanging(), 3_000);
    hanging.unref();
  });

  const guard: Database['guard'] = async (work) => {
    if (!health.available() || pool.waitingCount > MAX_WAITING) throw databaseAway();
    let stop = () => {};
    const away = new Promise<never>((_, reject) => {
      stop = health.onAway(() => reject(databaseAway()));
    });
    try {
      return await Promise.race([work(), away]);
    } catch (error) {
      throw databaseProblem(error) ?? error;
    } finally {
      stop();
    }
  };

  const transaction: Database['transaction'] = async (work, { isolation, timeoutMs = 15_000 } = {}) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await prisma.$transaction(work, {
          maxWait: 5_000,
          timeout: timeoutMs,
          ...(isolation ? { isolationLevel: isolation } : {}),
        });
      } catch (error) {
        if (!isSerializationFailure(error) || attempt === TRIES) throw databaseProblem(error) ?? error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 15 * 2 ** attempt));
      }
    }
  };

  const notify: Database['notify'] = async (tx, channel, payload) => {
    await tx.$executeRaw`SELECT pg_notify(${channel}, ${payload})`;
  };

  return {
    prisma,
    transaction,
    notify,
    announce: async (tx, kind, ids) => {
      for (let start = 0; start < ids.length; start += IDS_PER_NOTIFICATION) {
        const change = { kind, ids: ids.slice(start, start + IDS_PER_NOTIFICATION) };
        await notify(tx, CHANGES_CHANNEL, JSON.stringify(change));
      }
    },
    listen: listener.listen,
    guard,
    health,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    ping: async () => {
      await guard(() => pool.query('SELECT 1'));
    },
    close: async () => {
      clearTimeout(hanging);
      await Promise.allSettled([listener.close(), health.close(), prisma.$disconnect()]);
      await pool.end().catch(() => {});
    },
  };
};
