import type { Board } from './board.ts';
import type { PlacementRequest, Score } from './types.ts';
import { tasksBeside, type WorkingNode } from './working-node.ts';

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

/**
 * Scores nodes for one request: the total of a node is `base + slope × headroom + apart`, by its index. Void
 * once the board changes.
 */
export type Scorer = {
  base: number;
  slope: number;
  headroom: Float64Array;
  /** All points but those for load. */
  apart: Float64Array;
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
      cost[domain] = (cost[domain] ?? 0) - weight * tasksBeside(request, node);
    }
    return { domainOf, cost };
  });

/** What sets single nodes apart, each by what it holds itself. */
const pointsFor = (request: PlacementRequest) => {
  const { strategy, imageKey, avoidNodeIds } = request;
  return {
    // Negative zero would be told apart from zero.
    own: (node: WorkingNode): number =>
      strategy === 'binpack' ? 0 : 0 - OWN_TASK * tasksBeside(request, node),
    image: (node: WorkingNode): number =>
      imageKey !== undefined && node.seen.images.has(imageKey) ? IMAGE : 0,
    avoid: (node: WorkingNode): number => (avoidNodeIds.includes(node.seen.id) ? AVOID : 0),
  };
};

/** A scorer for one request on the board as it is now. */
export const scorerFor = (request: PlacementRequest, board: Board): Scorer => {
  const domains = domainCosts(request, board);
  const { own, image, avoid } = pointsFor(request);
  const { headroom, scratch: apart } = board;
  apart.fill(0);
  for (const { domainOf, cost } of domains)
    for (let i = 0; i < apart.length; i += 1)
      apart[i] = (apart[i] as number) + (cost[domainOf[i] as number] as number);
  // Only the nodes that have something of it: most have not.
  const add = (node: WorkingNode, points: number): void => {
    apart[node.index] = (apart[node.index] as number) + points;
  };
  for (const node of board.holders(request.serviceId)) add(node, own(node));
  for (const node of request.imageKey === undefined ? [] : board.withImage(request.imageKey))
    add(node, IMAGE);
  for (const node of new Set(request.avoidNodeIds.flatMap((id) => board.withId(id) ?? []))) add(node, AVOID);

  const pack = request.strategy === 'binpack';
  const base = pack ? LOAD : 0;
  const slope = pack ? -LOAD : LOAD;
  const partsOf = (node: WorkingNode): Score['parts'] => {
    const costs = domains.map(({ domainOf, cost }) => cost[domainOf[node.index] as number] as number);
    return {
      spread: costs.reduce((sum, cost) => sum + cost, own(node)),
      load: base + slope * (headroom[node.index] as number),
      image: image(node),
      avoid: avoid(node),
    };
  };
  return { base, slope, headroom, apart, partsOf };
};

/** A node's score as it is shown and kept. */
export const scoreOf = ({ partsOf }: Scorer, node: WorkingNode): Score => {
  const parts = partsOf(node);
  const total = parts.avoid + parts.spread + parts.load + parts.image;
  return { nodeId: node.seen.id, nodeName: node.seen.name, total, parts };
};
