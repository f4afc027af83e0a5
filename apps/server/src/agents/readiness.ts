import type { Database } from '../platform/db/database.ts';
import type { Log } from '../platform/log.ts';
import { readyTasks } from './readiness.store.ts';
import type { AgentSession, Sessions } from './sessions.ts';

const BATCH_MS = 50;
const RETRY_MS = 1_000;
const ANSWER_MS = 5_000;

type ReadinessPush = {
  /** Tells every host on these networks, within a moment, which of their tasks are ready. */
  changed(networkIds: readonly string[]): void;
  /** Tells one host of all its networks. */
  greet(session: AgentSession): void;
  stop(): void;
};

/** Names are answered for ready tasks only, on every host of a network, so each hears of changes at once. Hints, replaced whole. */
export const createReadiness = (database: Database, sessions: Sessions, log: Log): ReadinessPush => {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let lastVersion = 0;

  // Rises across servers and their restarts too, as long as clocks do.
  const nextVersion = (): number => {
    lastVersion = Math.max(lastVersion + 1, Date.now());
    return lastVersion;
  };

  const flush = async (): Promise<void> => {
    timer = undefined;
    const changed = [...pending];
    pending.clear();
    const concerned = sessions.all().filter(({ networkIds }) => changed.some((id) => networkIds.has(id)));
    if (concerned.length === 0) return;
    try {
      const version = nextVersion();
      const networks = await database.guard(() => readyTasks(database.prisma, changed));
      for (const session of concerned) {
        const own = networks.filter(({ networkId }) => session.networkIds.has(networkId));
        session.ask('readiness', { version, networks: own }, ANSWER_MS).catch(() => undefined);
      }
    } catch (error) {
      log.warn({ err: error }, 'readiness was not told to the hosts; trying again');
      for (const id of changed) pending.add(id);
      timer = setTimeout(flush, RETRY_MS);
    }
  };
  const changed = (networkIds: Iterable<string>): void => {
    for (const id of networkIds) pending.add(id);
    if (pending.size > 0) timer ??= setTimeout(flush, BATCH_MS);
  };

  return {
    changed,
    greet: (session) => changed(session.networkIds),
    stop: () => clearTimeout(timer),
  };
};
