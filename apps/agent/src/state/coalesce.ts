import { setImmediate as breathe } from 'node:timers/promises';

/**
 * Makes many wishes to save into few writes: calls of one moment share a write, calls during a write share the
 * one that follows it. The promise resolves when a write that began after the call is done.
 */
export const coalesce = (write: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> = Promise.resolve();
  let following: Promise<void> | undefined;

  const next = async (): Promise<void> => {
    await running.catch(() => undefined);
    await breathe();
    following = undefined;
    running = write();
    return running;
  };

  return () => {
    following ??= next();
    return following;
  };
};
