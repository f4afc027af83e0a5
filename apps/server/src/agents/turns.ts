/** Runs a work when its turn has come; what it returns or throws comes back. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Lets so many works run at once and keeps the others waiting in order. Agents come by the hundred at the same
 * moment; the database's connections are few, and people need them too.
 */
export const createTurns = (most: number): Turns => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next in line without being free in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
};
