import { setTimeout as pause } from 'node:timers/promises';

/** How long to wait and how often to look. */
export interface EventuallyOptions {
  /** Milliseconds. Default 10 s. */
  readonly timeout?: number;
  /** Milliseconds between looks. Default 50. */
  readonly interval?: number;
  /** What was awaited, for the error. */
  readonly what?: string;
}

/**
 * Waits until `look` neither throws nor returns false, null or undefined, and gives back what it
 * returned. Tests use this instead of sleeping: it is as fast as the thing it waits for.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { timeout = 10_000, interval = 50, what = 'the condition' } = options;
  const deadline = Date.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (isThere(seen)) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) break;
    await pause(interval);
  }
  throw new Error(`waited ${timeout} ms for ${what}${last === undefined ? '' : `: ${String(last)}`}`, {
    cause: last,
  });
}

function isThere<T>(seen: T): seen is Exclude<T, false | null | undefined> {
  return seen !== false && seen !== null && seen !== undefined;
}
