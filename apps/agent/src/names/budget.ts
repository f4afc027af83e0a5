const WINDOW_MS = 1_000;

/**
 * How much one asker may ask: `perSecond` questions in each second, `pending` at once outside this host. One busy
 * container must not take the names away from the others.
 */
export const budgets = (limits: { perSecond: number; pending: number }) => {
  let windowStart = 0;
  let asked = new Map<string, number>();
  const pending = new Map<string, number>();
  return {
    /** Counts a question; false: too many. `now` in milliseconds. */
    ask: (source: string, now: number): boolean => {
      // A clock that was set back begins a new second too: else nobody would be answered until it is as late again.
      if (now < windowStart || now - windowStart >= WINDOW_MS) {
        windowStart = now;
        asked = new Map();
      }
      const count = (asked.get(source) ?? 0) + 1;
      asked.set(source, count);
      return count <= limits.perSecond;
    },
    /** Begins a question to the outside; undefined: too many at once. The result ends it. */
    begin: (source: string): (() => void) | undefined => {
      const count = pending.get(source) ?? 0;
      if (count >= limits.pending) return undefined;
      pending.set(source, count + 1);
      return () => {
        const left = (pending.get(source) ?? 1) - 1;
        if (left > 0) pending.set(source, left);
        else pending.delete(source);
      };
    },
  };
};
