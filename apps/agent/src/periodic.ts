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

/** Calls of the returned function within `ms` of the first make one run of `work`. */
export const soon = (ms: number, what: string, work: () => Promise<unknown>): (() => void) => {
  let pending = false;
  return () => {
    if (pending) return;
    pending = true;
    setTimeout(() => {
      pending = false;
      work().catch((error) => log.warn({ error: messageOf(error) }, what));
    }, ms);
  };
};
