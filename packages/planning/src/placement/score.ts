import type { Board } from './board.ts';
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

/** Scores nodes for one request. `totalOf` runs for every node and allocates nothing. */
export type Scorer = {
  totalOf: (node: WorkingNode) => number;
  partsOf: (node: WorkingNode) => Score['parts'];
};

/** What the tasks of the service cost every node of a failure domain, by the domain's number. */
type DomainCost = { domainOf: Int32Array; cost: Float64Array };

const domainCosts = (request: PlacementRequest, board: Board): DomainCost[] =>
  request.spreadOver.map((key, level) => {
    const { domainOf, count } = board.domains(key);
    const cost = new Float64Array(count);
    const weight = DOMAIN ** (request.spreadOver.length - level);
    for (const node of board.holders(request.serviceId)) {
      const domain = domainOf[node.index] ?? 0;
      cost[domain] = (cost[domain] ?? 0) - weight * (node.tasksOfService.get(request.serviceId) ?? 0);
    }
    return { domainOf, cost };
  });

/** What sets single nodes apart; most nodes are not in it. */
const exceptions = (request: PlacementRequest, board: Board) => {
  const own = new Map<WorkingNode, number>();
  if (request.strategy !== 'binpack')
    for (const node of board.holders(request.serviceId))
      own.set(node, -OWN_TASK * (node.tasksOfService.get(request.serviceId) ?? 0));
  const images = request.imageKey === undefined ? [] : board.withImage(request.imageKey);
  const image = new Map(images.map((node) => [node, IMAGE]));
  const avoided = request.avoidNodeIds.flatMap((id) => board.withId(id) ?? []);
  const avoid = new Map(avoided.map((node) => [node, AVOID]));
  return { own, image, avoid };
};

/** A scorer for one request on the board as it is now; it is void once the board changes. */
export const scorerFor = (request: PlacementRequest, board: Board): Scorer => {
  const domains = domainCosts(request, board);
  const { own, image, avoid } = exceptions(request, board);
  const apart = new Float64Array(board.nodes.length);
  for (const { domainOf, cost } of domains)
    for (let i = 0; i < apart.length; i += 1)
      apart[i] = (apart[i] as number) + (cost[domainOf[i] as number] as number);
  for (const points of [own, image, avoid])
    for (const [node, value] of points) apart[node.index] = (apart[node.index] as number) + value;

  const slope = request.strategy === 'binpack' ? -LOAD : LOAD;
  const base = request.strategy === 'binpack' ? LOAD : 0;
  const load = (node: WorkingNode): number => base + slope * node.headroom;
  const domain = (node: WorkingNode): number =>
    domains.reduce((sum, { domainOf, cost }) => sum + (cost[domainOf[node.index] as number] as number), 0);
  return {
    totalOf: (node) => load(node) + (apart[node.index] as number),
    partsOf: (node) => ({
      spread: domain(node) + (own.get(node) ?? 0),
      load: load(node),
      image: image.get(node) ?? 0,
      avoid: avoid.get(node) ?? 0,
    }),
  };
};

/** A node's score as it is shown and kept. */
export const scoreOf = ({ totalOf, partsOf }: Scorer, node: WorkingNode): Score => ({
  nodeId: node.seen.id,
  nodeName: node.seen.name,
  total: totalOf(node),
  parts: partsOf(node),
});
