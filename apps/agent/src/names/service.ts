import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { answer } from './answer.ts';
import { budgets } from './budget.ts';
import { openDirectory } from './directory.ts';
import { forward, type Upstream } from './forward.ts';
import { hostServers } from './host-servers.ts';
import { type Handle, type Listener, listen } from './listener.ts';
import { EMPTY_TABLE, type NamesTable } from './table.ts';

const RETRY_MS = 250;
const PER_ASKER = { perSecond: 2_000, pending: 64 };

type NamesOptions = {
  log: Log;
  /** 53, but for tests. */
  port?: number;
  /** Servers for other names where the service names none; the host's by default. */
  servers?: () => Promise<Upstream[]>;
};

export type NamesService = {
  /** A newer table: listens where it says, stops listening elsewhere. */
  use(table: NamesTable): Promise<void>;
  /** Gateway addresses that are listened on, with their ports. */
  bound(): { address: string; port: number }[];
  stop(): void;
};

const DNS_PORT = 53;

/** Answers names on each network's own address of this host, and so knows which network asks. */
export const startNamesService = (options: NamesOptions): NamesService => {
  const { log } = options;
  const fromHost = hostServers();
  const servers =
    options.servers ?? (async () => (await fromHost()).map((address) => ({ address, port: DNS_PORT })));
  const budget = budgets(PER_ASKER);
  const listeners = new Map<string, Listener>();
  let table = EMPTY_TABLE;
  let directory = openDirectory(table);
  let retry: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();
  const complained = new Set<string>();

  const askOutside = async (
    source: string,
    bytes: Buffer,
    transport: 'udp' | 'tcp',
    own: readonly string[],
  ): Promise<Buffer | undefined> => {
    const end = budget.begin(source);
    if (!end) return undefined;
    try {
      const upstream = own.length > 0 ? own.map((address) => ({ address, port: DNS_PORT })) : await servers();
      const ours = new Set(table.networks.map(({ gateway }) => gateway));
      return await forward(
        bytes,
        upstream.filter(({ address }) => !ours.has(address)),
        transport,
      ).catch(() => undefined);
    } finally {
      end();
    }
  };

  const handler =
    (networkId: string): Handle =>
    async ({ source, transport, bytes }) => {
      if (!budget.ask(source, Date.now())) return undefined;
      const verdict = answer(directory, { networkId, source, transport, bytes }, Math.random);
      switch (verdict.do) {
        case 'ignore':
          return undefined;
        case 'answer':
          return verdict.bytes;
        case 'forward':
          return (await askOutside(source, bytes, transport, verdict.servers)) ?? verdict.failed;
      }
    };

  const bind = async (): Promise<void> => {
    const wanted = new Map(
      table.networks.map(({ networkId, gateway }) => [`${networkId} ${gateway}`, { networkId, gateway }]),
    );
    for (const [key, listener] of listeners) {
      if (wanted.has(key)) continue;
      listener.close();
      listeners.delete(key);
    }
    let missing = false;
    for (const [key, { networkId, gateway }] of wanted) {
      if (listeners.has(key)) continue;
      try {
        listeners.set(key, await listen(gateway, options.port ?? DNS_PORT, handler(networkId)));
        complained.delete(key);
      } catch (error) {
        if (!complained.has(key))
          log.warn({ gateway, error: messageOf(error) }, 'names are not answered there yet');
        complained.add(key);
        missing = true;
      }
    }
    // One, however many are missing: each would bring as many again.
    clearTimeout(retry);
    if (missing) retry = setTimeout(rebind, RETRY_MS);
  };
  const rebind = (): Promise<void> => {
    turn = turn.then(bind);
    return turn;
  };

  return {
    use: (next) => {
      table = next;
      directory = openDirectory(next);
      return rebind();
    },
    bound: () => [...listeners].map(([key, { port }]) => ({ address: key.split(' ')[1] as string, port })),
    stop: () => {
      clearTimeout(retry);
      for (const listener of listeners.values()) listener.close();
      listeners.clear();
    },
  };
};
