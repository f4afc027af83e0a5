import { boardOf } from './board.ts';
import { FILTERS } from './pipeline.ts';
import { scoreOf, scorerFor } from './score.ts';
import type { PlacementNode, PlacementRequest, PlacementRow } from './types.ts';

const byTotal = (a: PlacementRow, b: PlacementRow): number =>
  a.failed.length - b.failed.length || (b.score?.total ?? 0) - (a.score?.total ?? 0);

/**
 * The whole node-by-node table for one request: every filter that a node fails, and the score of those that
 * fail none. Best first, then the nearest to fitting. Computed on demand; kept nowhere.
 */
export const explainPlacement = (request: PlacementRequest, nodes: PlacementNode[]): PlacementRow[] => {
  const board = boardOf(nodes);
  const scorer = scorerFor(request, board);
  const rows = board.nodes.map((node): PlacementRow => {
    const { id: nodeId, name: nodeName } = node.seen;
    const failed = FILTERS.filter((f) => f.applies(request) && !f.check(request, node)).map((filter) => ({
      filter: filter.name,
      sentence: filter.explain(request, [node], () => nodeName),
    }));
    if (failed.length > 0) return { nodeId, nodeName, failed };
    return { nodeId, nodeName, failed, score: scoreOf(scorer, node) };
  });
  return rows.toSorted(byTotal);
};
