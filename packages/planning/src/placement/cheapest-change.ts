import type { Remedy } from './filter.ts';
import { FILTERS } from './pipeline.ts';
import type { PlacementRequest } from './types.ts';
import type { WorkingNode } from './working-node.ts';

/** All that is in the way on one node, or nothing when some of it cannot be changed. */
const changeOf = (request: PlacementRequest, node: WorkingNode): Remedy | undefined => {
  const texts: string[] = [];
  let cost = 0;
  for (const filter of FILTERS) {
    if (!filter.applies(request) || filter.check(request, node)) continue;
    const remedy = filter.remedy(request, node);
    if (remedy === undefined) return undefined;
    texts.push(remedy.text);
    cost += remedy.cost;
  }
  return { text: texts.join(' and '), cost };
};

/**
 * The least that would have to change so that the request fits some node, as words for a person: `uncordon
 * node-2`, `free 312 MiB on node-3`. Undefined when no change known here would help.
 */
export const cheapestChange = (request: PlacementRequest, nodes: WorkingNode[]): string | undefined => {
  if (nodes.length === 0) return 'add a node';
  let best: Remedy | undefined;
  for (const node of nodes) {
    const change = changeOf(request, node);
    if (change !== undefined && (best === undefined || change.cost < best.cost)) best = change;
  }
  return best?.text;
};
