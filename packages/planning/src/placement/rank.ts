import type { Scorer } from './score.ts';

const KEPT = 5;

/** Indexes of the best five nodes, best first; among equals the one that comes first. */
export const rank = (indexes: Int32Array, scorer: Scorer): number[] => {
  // Plain columns in a plain loop: this is the one place that runs for each request at each node.
  const { base, slope, headroom, apart } = scorer;
  const best: number[] = [];
  const totals: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < indexes.length; i += 1) {
    const index = indexes[i] as number;
    const total = base + slope * (headroom[index] as number) + (apart[index] as number);
    if (total <= least) continue;
    let at = best.length;
    while (at > 0 && (totals[at - 1] as number) < total) at -= 1;
    best.splice(at, 0, index);
    totals.splice(at, 0, total);
    if (best.length > KEPT) {
      best.pop();
      totals.pop();
    }
    if (best.length === KEPT) least = totals[KEPT - 1] as number;
  }
  return best;
};
