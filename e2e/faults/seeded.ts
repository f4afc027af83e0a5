/** Chance that comes again: the same seed gives the same numbers. */
export type Chance = {
  seed: number;
  /** A whole number from 0 up to, but without, `end`. */
  below(end: number): number;
  oneOf<T>(list: readonly T[]): T;
};

/** Seeded by what the environment says, else by the clock; the seed is printed, so that a failure can be run again. */
export const seededChance = (
  title: string,
  seed = Number(process.env.PORTREEVE_SEED ?? Date.now() % 1_000_000),
): Chance => {
  process.stdout.write(`${title}: PORTREEVE_SEED=${seed}\n`);
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return { seed, below, oneOf: (list) => list[below(list.length)] as (typeof list)[number] };
};
