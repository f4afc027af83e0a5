import type { Database } from './db/database.ts';
import type { Leader } from './leader.ts';

export type Hearing = {
  /** Said at the start of each look of a loop: a look that comes too late, or before the last, tells of a stall. */
  look(now: Date): void;
  /** Since when, without a break, a server with a working database could have heard the agents. */
  since(now: Date): number;
};

/** A moment that is still to come, by a clock that was set back, is past: everyone starts anew at the setting. */
const sinceOf = (since: Date, now: Date): number => (since <= now ? since.getTime() : 0);

/**
 * Silence counts only where somebody could have listened: after a change of leader, an outage of the database, a pause
 * of this process longer than `stallMs` or a setting of its clock everything that waits for a word starts anew.
 */
export const createHearing = (
  { health }: Pick<Database, 'health'>,
  leader: Pick<Leader, 'since'>,
  stallMs: number,
): Hearing => {
  let lookedAt = 0;
  let stalledUntil = 0;
  return {
    look: (now) => {
      const passed = now.getTime() - lookedAt;
      if (lookedAt > 0 && (passed < 0 || passed > stallMs)) stalledUntil = now.getTime();
      lookedAt = now.getTime();
    },
    since: (now) => Math.max(sinceOf(leader.since() ?? now, now), sinceOf(health.since(), now), stalledUntil),
  };
};
