import { scorer, totalOf } from './score.ts';
import type { PlacementRequest, Score } from './types.ts';
import type { WorkingNode } from './working-node.ts';

type Ranked = { node: WorkingNode; score: Score };

const KEPT = 5;

/** The best five nodes with their scores, best first; among equals the one that comes first in `nodes`. */
export const rank = (
  request: PlacementRequest,
  nodes: WorkingNode[],
  holders: ReadonlySet<WorkingNode>,
): Ranked[] => {
  const partsOf = scorer(request, holders);
  const best: Ranked[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (const node of nodes) {
    const parts = partsOf(node);
    const total = totalOf(parts);
    if (best.length === KEPT && total <= least) continue;
    const score = { nodeId: node.seen.id, nodeName: node.seen.name, total, parts };
    let at = best.length;
    while (at > 0 && (best[at - 1] as Ranked).score.total < total) at -= 1;
    best.splice(at, 0, { node, score });
    if (best.length > KEPT) best.pop();
    least = (best.at(-1) as Ranked).score.total;
  }
  return best;
};
