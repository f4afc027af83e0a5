import { messageOf } from './errors.ts';
import { log } from './log.ts';

/** Runs `work` every `ms`, never twice at once; a failure is logged under `what` and the next turn comes all the same. */
export const every = (ms: number, what: string, work: () => Promise<unknown>): (() => void) => {
  let running = false;
  const timer = setInterval(async () => {
    if (running) return;
    running = true;
    await work().catch((error) => log.warn({ error: messageOf(error) }, what));
    running = false;
  }, ms);
  return () => clearInterval(timer);
};

/**
 * Calls of the returned function within `ms` of the first make one run of `work`. With `againMs`, one that failed is made
 * again so much later, until it is done.
 */
export const soon = (
  ms: number,
  what: string,
  work: () => Promise<unknown>,
  againMs?: number,
): (() => void) => {
  let pending = false;
  const callIn = (wait: number): void => {
    if (pending) return;
    pending = true;
    const timer = setTimeout(() => {
      pending = false;
      work().catch((error) => {
        log.warn({ error: messageOf(error) }, what);
        if (againMs !== undefined) callIn(againMs);
      });
    }, wait);
    timer.unref();
  };
  return () => callIn(ms);
};
