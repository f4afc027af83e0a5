import pg from 'pg';

/** `null` means: the connection was made anew, and anything may have been missed. */
export type NotificationHandler = (payload: string | null) => void;

export type Listener = {
  /** Calls `handler` for every notification on `channel`; returns what ends it. */
  listen(channel: string, handler: NotificationHandler): () => void;
  connected(): boolean;
  close(): Promise<void>;
};

/** One connection for every LISTEN of this process. It reconnects for ever and tells everyone when it has. */
export const createListener = (connectionString: string): Listener => {
  const handlers = new Map<string, Set<NotificationHandler>>();
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const tell = (channel: string, payload: string | null) => {
    for (const handler of handlers.get(channel) ?? []) handler(payload);
  };
  const subscribe = (channel: string) => client?.query(`LISTEN ${pg.escapeIdentifier(channel)}`);

  const connect = async () => {
    const next = new pg.Client({
      connectionString,
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      application_name: 'portreeve-listen',
    });
    let ended = false;
    const again = () => {
      if (ended) return;
      ended = true;
      if (client === next) client = undefined;
      next.end().catch(() => {});
      if (!closed) retry = setTimeout(connect, 500);
    };
    next.on('error', again);
    next.on('end', again);
    next.on('notification', ({ channel, payload }) => tell(channel, payload ?? ''));
    try {
      await next.connect();
      if (closed) return again();
      client = next;
      await Promise.all([...handlers.keys()].map(subscribe));
      for (const channel of handlers.keys()) tell(channel, null);
    } catch {
      again();
    }
  };
  void connect();

  return {
    listen: (channel, handler) => {
      const known = handlers.get(channel);
      if (known) known.add(handler);
      else {
        handlers.set(channel, new Set([handler]));
        subscribe(channel)?.catch(() => {});
      }
      return () => handlers.get(channel)?.delete(handler);
    },
    connected: () => client !== undefined,
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
};
