import { nodeValue } from './node-value.ts';
import type { PlacementRequest, Score } from './types.ts';
import type { WorkingNode } from './working-node.ts';

/**
 * Points, higher is better, weighed so that each rule outranks those after it: a node to avoid loses to any
 * other; each task of the service in the same failure domain costs more than a host full of them; each on
 * the same node costs more than any difference of load; the image being there outweighs a moderate load.
 */
const AVOID = -1_000_000;
const DOMAIN = 100;
const OWN_TASK = 1;
const LOAD = 0.7;
const IMAGE = 0.3;

/** Tasks of the service by the value of one failure-domain label. */
type Domains = { key: string; weight: number; tasks: Map<string, number> };

const countDomains = (request: PlacementRequest, holders: Iterable<WorkingNode>): Domains[] => {
  const levels = request.spreadOver.length;
  const all = request.spreadOver.map((key, i) => ({
    key,
    weight: DOMAIN ** (levels - i),
    tasks: new Map<string, number>(),
  }));
  for (const node of holders) {
    const count = node.tasksOfService.get(request.serviceId) ?? 0;
    for (const { key, tasks } of all) {
      const value = nodeValue(node.seen, key) ?? '';
      tasks.set(value, (tasks.get(value) ?? 0) + count);
    }
  }
  return all;
};

/** A function that scores nodes for one request. `holders` are the nodes that have tasks of its service. */
export const scorer = (request: PlacementRequest, holders: ReadonlySet<WorkingNode>) => {
  const domains = countDomains(request, holders);
  const avoided = new Set(request.avoidNodeIds);
  const pack = request.strategy === 'binpack';
  const { serviceId, imageKey } = request;

  return (node: WorkingNode): Score['parts'] => {
    let spread = 0;
    for (const { key, weight, tasks } of domains)
      spread -= weight * (tasks.get(nodeValue(node.seen, key) ?? '') ?? 0);
    if (!pack && holders.has(node)) spread -= OWN_TASK * (node.tasksOfService.get(serviceId) ?? 0);
    return {
      spread,
      load: LOAD * (pack ? 1 - node.headroom : node.headroom),
      image: imageKey !== undefined && node.seen.images.has(imageKey) ? IMAGE : 0,
      avoid: avoided.has(node.seen.id) ? AVOID : 0,
    };
  };
};

/** The sum by which nodes are ranked. */
export const totalOf = (parts: Score['parts']): number =>
  parts.avoid + parts.spread + parts.load + parts.image;
