import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export type DatabaseHealth = {
  available(): boolean;
  /** When the present state began. */
  since(): Date;
  /** Rejected for waiters at the moment the database is found away. */
  onAway(handler: () => void): () => void;
  onBack(handler: () => void): () => void;
  close(): Promise<void>;
};

const PING_EVERY_MS = 300;
const PING_TIMEOUT_MS = 1_200;
const TICK_MS = 100;

/**
 * Ends after `PING_TIMEOUT_MS` in which an answer could have been read: a stall of our own event loop counts as one
 * tick, so that a busy machine is not taken for a database that is away.
 */
const patience = async (answered: AbortSignal): Promise<false> => {
  for (let waited = 0; waited < PING_TIMEOUT_MS && !answered.aborted; ) {
    const began = performance.now();
    await sleep(TICK_MS);
    waited += Math.min(performance.now() - began, 1.5 * TICK_MS);
  }
  return false;
};

/**
 * Asks the database on a connection of its own, several times a second, so that a request never has to find out
 * by waiting that it is away. A silent network looks the same as a stopped server: both are found in under two
 * seconds.
 */
export const watchHealth = (connectionString: string): DatabaseHealth => {
  const away = new Set<() => void>();
  const back = new Set<() => void>();
  let available = true;
  let since = new Date();
  let closed = false;
  let client: pg.Client | undefined;

  const turn = (next: boolean) => {
    if (next === available) return;
    available = next;
    since = new Date();
    for (const handler of next ? back : away) handler();
  };

  const open = async (): Promise<pg.Client> => {
    const next = new pg.Client({ connectionString, application_name: 'portreeve-health' });
    next.on('error', () => {});
    client = next;
    await next.connect();
    return next;
  };

  const ping = async (): Promise<boolean> => {
    const attempt = (async () => {
      await (client ?? (await open())).query('SELECT 1');
      return true;
    })().catch(() => false);
    const answered = new AbortController();
    const alive = await Promise.race([attempt, patience(answered.signal)]);
    answered.abort();
    if (!alive) {
      client?.end().catch(() => {});
      (
        client as unknown as { connection: { stream: { destroy(): void } } } | undefined
      )?.connection.stream.destroy();
      client = undefined;
    }
    return alive;
  };

  const loop = async () => {
    while (!closed) {
      const alive = await ping();
      if (!closed) turn(alive);
      await sleep(PING_EVERY_MS);
    }
  };
  void loop();

  const subscription = (set: Set<() => void>) => (handler: () => void) => {
    set.add(handler);
    return () => set.delete(handler);
  };
  return {
    available: () => available,
    since: () => since,
    onAway: subscription(away),
    onBack: subscription(back),
    close: async () => {
      closed = true;
      await client?.end().catch(() => {});
    },
  };
};
