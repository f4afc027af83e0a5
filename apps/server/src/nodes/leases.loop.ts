import { judgeLeases } from '@portreeve/planning';
import { closeAlarm, openAlarm } from '../agents/alarms.store.ts';
import type { Timing } from '../agents/timing.ts';
import type { Database } from '../platform/db/database.ts';
import { createHearing } from '../platform/hearing.ts';
import type { Leader } from '../platform/leader.ts';
import type { Loop, Loops } from '../platform/loop.ts';
import { delayUntil } from '../platform/timer.ts';
import { forgetDeadConnections, loadLeases, loseNodes } from './leases.store.ts';

const EVERY_MS = 1_000;
const HOLD_KEY = 'nodes-silent-together';
/** Our own process stood still for longer than this: nobody could have been heard meanwhile. */
const STALL_MS = EVERY_MS + 2_000;

/**
 * Judges the leases of all nodes, on the leader. Only time counts in which a server with a database could have heard
 * the agents: after a change of leader, an outage of the database, a stall of our own or a setting of our clock everyone
 * starts anew.
 */
export const startLeasesLoop = (
  deps: { database: Database; leader: Leader; loops: Loops },
  timing: Timing,
): Loop => {
  const { database, leader, loops } = deps;
  let lastHeldAt: number | undefined;
  /** Start of the term in which the alarm is known to be ours or closed: a leader before us may have left one open. */
  let settledTerm: number | undefined;
  const hearing = createHearing(database, leader, STALL_MS);
  let timer: NodeJS.Timeout | undefined;

  const run = async (now: Date): Promise<void> => {
    hearing.look(now);
    // A clock that was set back must not hold everyone until it is where it was.
    if (lastHeldAt !== undefined) lastHeldAt = Math.min(lastHeldAt, now.getTime());
    await database.transaction((tx) => forgetDeadConnections(tx, timing.silenceMs));
    const nodes = await loadLeases(database.prisma, timing.silenceMs, now.getTime());
    const couldHearSince = hearing.since(now);
    const seen = { nodes, couldHearSince, graceMs: timing.graceMs, ...(lastHeldAt && { lastHeldAt }) };
    const verdict = judgeLeases(seen, now.getTime());
    if (verdict.lost.length > 0)
      await database.transaction((tx) => loseNodes(tx, verdict.lost, timing.silenceMs));
    if (verdict.held) await hold(verdict.alarm ?? '', now);
    else if (now.getTime() - heldUntil(couldHearSince) > timing.graceMs) await release();
    clearTimeout(timer);
    if (verdict.wakeAt !== undefined)
      timer = setTimeout(() => loop.signal(), delayUntil(verdict.wakeAt, Date.now(), 10));
  };

  /** A new leader cannot know before a lease has passed whether the silence goes on; Infinity when nothing is open. */
  const heldUntil = (couldHearSince: number): number =>
    settledTerm === leader.since()?.getTime()
      ? (lastHeldAt ?? Number.POSITIVE_INFINITY)
      : Math.max(lastHeldAt ?? 0, couldHearSince + timing.leaseMs);
  const hold = async (message: string, now: Date): Promise<void> => {
    lastHeldAt = now.getTime();
    await database.transaction((tx) =>
      openAlarm(tx, {
        kind: 'nodes-silent',
        key: HOLD_KEY,
        severity: 'critical',
        message,
        hint: 'Look at the network between the servers and the hosts. A host that is really gone can be removed under Nodes.',
      }),
    );
  };
  const release = async (): Promise<void> => {
    lastHeldAt = undefined;
    await database.transaction((tx) => closeAlarm(tx, HOLD_KEY));
    settledTerm = leader.since()?.getTime();
  };

  const loop = loops.start({ name: 'leases', everyMs: EVERY_MS, run });
  const { stop } = loop;
  return {
    signal: loop.signal,
    stop: async () => {
      clearTimeout(timer);
      await stop();
    },
  };
};
