import { parseChange } from '../live/changes.ts';
import { CHANGES_CHANNEL, type Database } from '../platform/db/database.ts';
import { createHearing } from '../platform/hearing.ts';
import type { Leader } from '../platform/leader.ts';
import type { Loop, Loops } from '../platform/loop.ts';
import { delayUntil } from '../platform/timer.ts';
import type { RevisionCache } from '../stacks/revision-cache.ts';
import { dueServices, everyService, nodeStandings, servicesBehind, servicesOnNodes } from './dirty.store.ts';
import { stepServices } from './step.ts';

/** How often time alone is looked at; everything else comes by notification. */
const TICK_MS = 1_000;
/** Every service is looked at this often whatever was said: a lost notification costs at most this long. */
const SWEEP_MS = 60_000;
const BATCH = 100;
/** A run may take long where much changes at once; longer than this nobody was listening. */
const STALL_MS = 30_000;

/**
 * Rollouts of all services: load → planService → commit, on the leader. Notifications name what changed; a sweep
 * catches what was not heard. Its memory is a hint only: a new leader begins with everything.
 */
export const startRolloutsLoop = (
  deps: { database: Database; leader: Leader; loops: Loops },
  revisionsOf: RevisionCache,
): Loop => {
  const { database, leader, loops } = deps;
  const hearing = createHearing(database, leader, STALL_MS);
  const named = new Set<string>();
  const wakeAt = new Map<string, number>();
  const standings = new Map<string, string>();
  let nodesChanged = true;
  let sweptAt = 0;
  let lookedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const unlisten = database.listen(CHANGES_CHANNEL, (payload) => {
    if (payload === null) sweptAt = 0;
    const change = payload === null ? undefined : parseChange(payload);
    // Mostly its own: what it notes is no reason to look again.
    if (change?.note) return;
    if (change?.kind === 'node') nodesChanged = true;
    else if (change && ['task', 'service', 'stack'].includes(change.kind))
      for (const id of change.ids) named.add(id);
    else if (payload !== null) return;
    loop.signal();
  });

  const changedNodes = async (): Promise<string[]> => {
    nodesChanged = false;
    const seen = await nodeStandings(database.prisma);
    const changed = seen.filter(({ id, standing }) => standings.get(id) !== standing);
    for (const { id, standing } of changed) standings.set(id, standing);
    return changed.map(({ id }) => id);
  };

  /** Services to look at now. */
  const collect = async (now: Date): Promise<Set<string>> => {
    const db = database.prisma;
    const ids = [...named];
    named.clear();
    if (now.getTime() - sweptAt > SWEEP_MS) {
      sweptAt = now.getTime();
      return new Set(await everyService(db));
    }
    const isTick = now.getTime() - lookedAt >= TICK_MS;
    if (isTick) lookedAt = now.getTime();
    const [behind, due, nodes] = await Promise.all([
      servicesBehind(db, ids),
      isTick ? dueServices(db, now) : [],
      isTick || nodesChanged ? changedNodes() : [],
    ]);
    const woken = [...wakeAt].filter(([, at]) => at <= now.getTime()).map(([id]) => id);
    return new Set([...behind, ...due, ...woken, ...(await servicesOnNodes(db, nodes))]);
  };

  const setTimer = (): void => {
    clearTimeout(timer);
    const next = Math.min(...wakeAt.values());
    if (Number.isFinite(next)) timer = setTimeout(() => loop.signal(), delayUntil(next, Date.now()));
  };

  const stepBatch = async (batch: string[]): Promise<void> => {
    const outcome = await stepServices(database, revisionsOf, batch, new Date(), hearing.since(new Date()));
    for (const id of batch) wakeAt.delete(id);
    for (const [id, at] of outcome.wakeAt) wakeAt.set(id, at);
    for (const id of outcome.again) named.add(id);
  };

  /** One service that cannot be planned or stored must not stand in the way of the others. */
  const stepEach = async (batch: string[], cause: unknown): Promise<void> => {
    if (batch.length === 1 || !database.health.available()) throw cause;
    const failures: unknown[] = [];
    for (const id of batch)
      await stepBatch([id]).catch((error: unknown) => {
        failures.push(error);
        wakeAt.set(id, Date.now() + TICK_MS);
      });
    if (failures.length > 0) throw failures[0];
  };

  const run = async (now: Date): Promise<void> => {
    hearing.look(now);
    const dirty = [...(await collect(now))];
    const left = new Set(dirty);
    try {
      for (let start = 0; start < dirty.length; start += BATCH) {
        const batch = dirty.slice(start, start + BATCH);
        for (const id of batch) left.delete(id);
        await stepBatch(batch).catch((error: unknown) => stepEach(batch, error));
      }
    } catch (error) {
      // What was not done is not forgotten; the next look is soon, but not at once.
      for (const id of dirty) wakeAt.set(id, Math.min(wakeAt.get(id) ?? Infinity, Date.now() + TICK_MS));
      for (const id of left) named.add(id);
      throw error;
    } finally {
      setTimer();
    }
    if (named.size > 0) loop.signal();
  };

  const loop = loops.start({ name: 'rollouts', everyMs: TICK_MS, run });
  const stop = loop.stop;
  return {
    signal: loop.signal,
    stop: async () => {
      unlisten();
      clearTimeout(timer);
      await stop();
    },
  };
};
