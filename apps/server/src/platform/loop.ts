import type { Database } from './db/database.ts';
import type { Leader } from './leader.ts';
import type { Log } from './log.ts';

export type LoopStatus = {
  name: string;
  everyMs: number;
  lastRunAt: Date | null;
  lastMs: number;
  lastError: string;
};
export type Loop = {
  /** Runs soon, once, however often it is called; a call during a run makes one more run after it. */
  signal(): void;
  /** Ends after the run under way. */
  stop(): Promise<void>;
};
export type LoopOptions = {
  name: string;
  everyMs: number;
  /** Must change nothing when it runs twice. Whole; an error is kept as status and tried again. */
  run(now: Date): Promise<void>;
  /** Database channels whose notifications signal it. */
  signals?: readonly string[];
  /** Default true: runs only where this server leads. */
  leaderOnly?: boolean;
};
export type Loops = { start(options: LoopOptions): Loop; statuses(): LoopStatus[]; stop(): Promise<void> };

const BUNCH_MS = 5;
/** After a run as much time is left to others as it took, but no more than this: what comes meanwhile goes together. */
const LONGEST_GAP_MS = 100;

/** Background work: periodic and signalled, never overlapping itself, with its status to be seen. */
export const createLoops = (database: Database, leader: Leader, log: Log): Loops => {
  const statuses = new Map<string, LoopStatus>();
  const running = new Set<Loop>();

  const start: Loops['start'] = (options) => {
    const status: LoopStatus = {
      name: options.name,
      everyMs: options.everyMs,
      lastRunAt: null,
      lastMs: 0,
      lastError: '',
    };
    statuses.set(options.name, status);
    let current: Promise<void> | undefined;
    let signalled = false;
    let restUntil = 0;
    let stopped = false;
    let timer: NodeJS.Timeout | undefined;

    const due = () => !stopped && ((options.leaderOnly ?? true) === false || leader.isLeader());
    const once = async () => {
      const began = performance.now();
      try {
        await options.run(new Date());
        if (status.lastError) log.info({ loop: options.name }, 'the loop works again');
        status.lastError = '';
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== status.lastError) log.error({ loop: options.name, err: error }, 'the loop failed');
        status.lastError = message;
      }
      status.lastRunAt = new Date();
      status.lastMs = performance.now() - began;
      restUntil = performance.now() + Math.min(status.lastMs, LONGEST_GAP_MS);
    };
    const runIn = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(fire, ms);
    };
    const fire = () => {
      if (stopped) return;
      signalled = false;
      const run = due() && database.health.available() ? once() : Promise.resolve();
      current = run.finally(() => {
        current = undefined;
        if (!stopped) runIn(signalled ? untilNext() : options.everyMs);
      });
    };
    const untilNext = () => Math.max(BUNCH_MS, restUntil - performance.now());
    const signal = () => {
      if (signalled || stopped) return;
      signalled = true;
      if (!current) runIn(untilNext());
    };
    const unsubscribe = [
      ...(options.signals ?? []).map((channel) => database.listen(channel, signal)),
      leader.onChange((leading) => leading && signal()),
      database.health.onBack(signal),
    ];
    signal();

    const loop: Loop = {
      signal,
      stop: async () => {
        stopped = true;
        clearTimeout(timer);
        for (const end of unsubscribe) end();
        running.delete(loop);
        await current;
      },
    };
    running.add(loop);
    return loop;
  };

  return {
    start,
    statuses: () => [...statuses.values()],
    stop: async () => {
      await Promise.all([...running].map((loop) => loop.stop()));
    },
  };
};
