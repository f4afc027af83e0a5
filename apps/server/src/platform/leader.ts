import pg from 'pg';
import type { Log } from './log.ts';

export type Leader = {
  isLeader(): boolean;
  /** When the present term began; loops give nodes a grace from here on. */
  since(): Date | undefined;
  onChange(handler: (leading: boolean) => void): () => void;
  close(): Promise<void>;
};

/** Any number, the same in every version of the server. */
export const LEADER_LOCK = 7_400_002;
/** In front of the server's id in the name of the connection that holds the lock: so others can tell who leads. */
export const LEADER_CONNECTION = 'portreeve-leader ';
const CHECK_EVERY_MS = 1_000;
const CHECK_TIMEOUT_MS = 1_500;

/**
 * One server of many leads: who holds an advisory lock on a connection of its own. The lock goes with the
 * connection, so a server that lost it stops leading at the next check; two may believe to lead for that long, and
 * every write stays conditional for it.
 */
export const startLeader = (connectionString: string, log: Log, serverId: string): Leader => {
  const handlers = new Set<(leading: boolean) => void>();
  let client: pg.Client | undefined;
  let leading = false;
  let since: Date | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const turn = (next: boolean) => {
    if (next === leading) return;
    leading = next;
    since = next ? new Date() : undefined;
    log.info({ leading }, next ? 'this server leads now' : 'this server no longer leads');
    for (const handler of handlers) handler(next);
  };
  const drop = (lost: pg.Client) => {
    if (client !== lost) return;
    client = undefined;
    turn(false);
    (lost as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  };
  const open = async (): Promise<pg.Client> => {
    const next = new pg.Client({
      connectionString,
      application_name: `${LEADER_CONNECTION}${serverId}`,
      connectionTimeoutMillis: CHECK_TIMEOUT_MS,
      query_timeout: CHECK_TIMEOUT_MS,
      // A host that vanished must not keep the lock for the two hours that TCP would give it.
      options:
        '-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 -c tcp_user_timeout=5000',
    });
    next.on('error', () => drop(next));
    next.on('end', () => drop(next));
    await next.connect();
    client = next;
    return next;
  };
  const check = async () => {
    try {
      const connection = client ?? (await open());
      const { rows } = leading
        ? await connection.query('SELECT true AS held')
        : await connection.query('SELECT pg_try_advisory_lock($1) AS held', [LEADER_LOCK]);
      turn(rows[0].held);
    } catch {
      if (client) drop(client);
      turn(false);
    }
    if (!closed) timer = setTimeout(check, CHECK_EVERY_MS);
  };
  void check();

  return {
    isLeader: () => leading,
    since: () => since,
    onChange: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      turn(false);
      await client?.end().catch(() => {});
    },
  };
};
