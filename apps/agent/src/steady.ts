/**
 * Milliseconds since 1970 by the clock as it stood when this process began, counted on from there: no setting of the
 * host's clock moves it, so that it, and not the clock, says how long something is to wait or has lasted.
 */
export const steadyNow = (): number => performance.timeOrigin + performance.now();

const TENTH_MS = 100;

/** What the clock of the host says, or will say, at that moment of `steadyNow`; to a tenth of a second, so that it says the same each time it is asked. */
export const onClock = (steady: number): Date =>
  new Date(Math.round((Date.now() + steady - steadyNow()) / TENTH_MS) * TENTH_MS);

/** The moment of `steadyNow` at which the clock said this; one that is still to come, by a clock set back, is now. */
export const fromClock = (clock: string): number => steadyNow() - Math.max(0, Date.now() - Date.parse(clock));
