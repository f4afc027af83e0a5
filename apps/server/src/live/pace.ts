/** Changes come in bursts: the first of one waits for the rest. */
const SETTLE_MS = 80;
/** A watch runs at most five times a second, however much changes. */
const LEAST_GAP_MS = 200;

type Pace = { signal(): void; stop(): void };

/**
 * Runs `work` soon after a signal, never twice at once, never more often than every 200 ms; a signal during a run
 * makes one more run after it.
 */
export const createPace = (work: () => Promise<void>): Pace => {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  let stopped = false;
  let lastStart = 0;

  const run = async (): Promise<void> => {
    timer = undefined;
    running = true;
    again = false;
    lastStart = Date.now();
    await work();
    running = false;
    if (again) signal();
  };
  const signal = (): void => {
    if (stopped || timer) return;
    if (running) {
      again = true;
      return;
    }
    timer = setTimeout(run, Math.max(SETTLE_MS, lastStart + LEAST_GAP_MS - Date.now()));
  };
  return {
    signal,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
