import type { Database } from '../platform/db/database.ts';
import type { Log } from '../platform/log.ts';
import { readyTasks } from './readiness.store.ts';
import type { AgentSession, Sessions } from './sessions.ts';

const BATCH_MS = 50;
/** Names follow within a second, whatever the load. */
const LONGEST_BATCH_MS = 500;
/** Telling takes no more than this share of the time: where it takes long, more goes together. */
const SHARE = 0.2;
const RETRY_MS = 1_000;
const ANSWER_MS = 5_000;

type ReadinessPush = {
  /** Tells every host on these networks, within a moment, which of their tasks are ready. */
  changed(networkIds: readonly string[]): void;
  /** Tells one host of those of its networks that are new to it. */
  greet(session: AgentSession): void;
  stop(): void;
};

/** Names are answered for ready tasks only, on every host of a network, so each hears of changes at once. Hints, replaced whole. */
export const createReadiness = (database: Database, sessions: Sessions, log: Log): ReadinessPush => {
  const pending = new Set<string>();
  /** Hosts that have yet to hear of networks, whoever else hears of these. */
  const newcomers = new Map<AgentSession, Set<string>>();
  /** Networks that a host has heard of, and hears of whenever they change. */
  const greeted = new WeakMap<AgentSession, ReadonlySet<string>>();
  let timer: NodeJS.Timeout | undefined;
  let batchMs = BATCH_MS;
  let lastVersion = 0;

  // Rises across servers and their restarts too, as long as clocks do.
  const nextVersion = (): number => {
    lastVersion = Math.max(lastVersion + 1, Date.now());
    return lastVersion;
  };
  const soon = (ms: number): void => {
    timer ??= setTimeout(flush, ms);
  };

  const addNewcomer = (session: AgentSession, networkIds: Iterable<string>): void => {
    newcomers.set(session, new Set([...(newcomers.get(session) ?? []), ...networkIds]));
  };

  const tell = async (changed: ReadonlySet<string>, fresh: typeof newcomers): Promise<void> => {
    const concerned = sessions
      .all()
      .map((session) => ({
        session,
        ids: [...session.networkIds].filter((id) => changed.has(id) || fresh.get(session)?.has(id)),
      }))
      .filter(({ ids }) => ids.length > 0);
    if (concerned.length === 0) return;
    const version = nextVersion();
    const asked = [...new Set(concerned.flatMap(({ ids }) => ids))];
    const ready = await database.guard(() => readyTasks(database.prisma, asked));
    for (const { session, ids } of concerned) {
      const networks = ids.map((networkId) => ({ networkId, ready: ready.get(networkId) ?? [] }));
      session.ask('readiness', { version, networks }, ANSWER_MS).catch(() => undefined);
    }
  };

  const flush = async (): Promise<void> => {
    const changed = new Set(pending);
    const fresh = new Map(newcomers);
    pending.clear();
    newcomers.clear();
    const began = performance.now();
    let wait = 0;
    try {
      await tell(changed, fresh);
      batchMs = Math.min(LONGEST_BATCH_MS, Math.max(BATCH_MS, (performance.now() - began) / SHARE));
    } catch (error) {
      log.warn({ err: error }, 'readiness was not told to the hosts; trying again');
      for (const id of changed) pending.add(id);
      for (const [session, ids] of fresh) addNewcomer(session, ids);
      wait = RETRY_MS;
    }
    // Only now: of two at once the later one could tell what the earlier one saw.
    timer = undefined;
    if (pending.size + newcomers.size > 0) soon(wait || batchMs);
  };

  return {
    changed: (networkIds) => {
      for (const id of networkIds) pending.add(id);
      if (pending.size > 0) soon(batchMs);
    },
    greet: (session) => {
      const before = greeted.get(session);
      const fresh = [...session.networkIds].filter((id) => !before?.has(id));
      greeted.set(session, session.networkIds);
      if (fresh.length === 0) return;
      addNewcomer(session, fresh);
      soon(batchMs);
    },
    stop: () => clearTimeout(timer),
  };
};
