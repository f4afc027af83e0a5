import { type Board, boardOf } from './board.ts';
import { cheapestChange } from './cheapest-change.ts';
import { MOVING_FILTERS, sift } from './pipeline.ts';
import { choosePorts } from './ports-in-use.ts';
import { rank } from './rank.ts';
import type {
  FilterCount,
  Placed,
  PlacementDecision,
  PlacementNode,
  PlacementRequest,
  Unplaceable,
} from './types.ts';

const unplaceable = (request: PlacementRequest, board: Board, filters: FilterCount[]): Unplaceable => {
  const causes = filters.map(({ sentence }) => sentence).join('; ');
  const change = cheapestChange(request, board.nodes);
  return {
    kind: 'unplaceable',
    taskId: request.taskId,
    filters,
    sentence: `no node fits: ${causes === '' ? 'there are no nodes' : causes}`,
    ...(change === undefined ? {} : { cheapestChange: change }),
  };
};

const place = (request: PlacementRequest, board: Board): PlacementDecision => {
  const steady = board.steady(request);
  const moving = sift(MOVING_FILTERS, request, steady.fitting);
  const filters = [...steady.failed, ...moving.failed];
  const best = rank(request, moving.fitting, board.holders(request.serviceId));
  const winner = best[0];
  if (winner === undefined) return unplaceable(request, board, filters);

  const choice = choosePorts(winner.node.ports, request, winner.node.seen.id);
  if ('missing' in choice) throw new Error('the ports filter passed a node without free ports');
  board.occupy(winner.node, request, choice.chosen);
  return {
    kind: 'placed',
    taskId: request.taskId,
    nodeId: winner.node.seen.id,
    nodeVersion: winner.node.seen.version,
    ports: choice.chosen,
    filters,
    best: best.map(({ score }) => score),
  } satisfies Placed;
};

/**
 * Chooses a node and host ports for each request, one after the other, each seeing what those before it took.
 * The answer has the order of the requests. Nothing is changed in `nodes`. A placed decision is to be
 * committed only if its node still has `nodeVersion`.
 */
export const planPlacement = (requests: PlacementRequest[], nodes: PlacementNode[]): PlacementDecision[] => {
  const board = boardOf(nodes);
  return requests.map((request) => place(request, board));
};
