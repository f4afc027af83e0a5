const FIRST_MS = 200;
const LAST_MS = 10_000;

/** Wait before a child is started again; `short` counts the starts in a row that lasted under half a minute. */
export const restartDelay = (short: number): number =>
  short === 0 ? 0 : Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(short - 1, 10));
