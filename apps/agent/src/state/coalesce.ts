/**
 * Makes many wishes to save into few writes: a call during a write shares the one that follows it. The promise
 * resolves when a write that began after the call is done.
 */
export const coalesce = (write: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  const run = (): Promise<void> => {
    running = write().finally(() => {
      running = undefined;
    });
    return running;
  };

  return () => {
    if (running === undefined && following === undefined) return run();
    following ??= (running ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        following = undefined;
        return run();
      });
    return following;
  };
};
