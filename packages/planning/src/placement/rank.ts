import type { Scorer } from './score.ts';
import type { WorkingNode } from './working-node.ts';

const KEPT = 5;

/** The best five nodes, best first; among equals the one that comes first. */
export const rank = (nodes: WorkingNode[], { totalOf }: Scorer): WorkingNode[] => {
  const best: { node: WorkingNode; total: number }[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (const node of nodes) {
    const total = totalOf(node);
    if (total <= least) continue;
    let at = best.length;
    while (at > 0 && (best[at - 1]?.total ?? 0) < total) at -= 1;
    best.splice(at, 0, { node, total });
    if (best.length > KEPT) best.pop();
    if (best.length === KEPT) least = best[KEPT - 1]?.total ?? least;
  }
  return best.map(({ node }) => node);
};
