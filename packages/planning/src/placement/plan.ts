import { type Board, boardOf } from './board.ts';
import { type Candidates, candidatesOn } from './candidates.ts';
import { choosePorts } from './ports-in-use.ts';
import { rank } from './rank.ts';
import { scoreOf, scorerFor } from './score.ts';
import type { Placed, PlacementDecision, PlacementNode, PlacementRequest, Unplaceable } from './types.ts';
import type { WorkingNode } from './working-node.ts';

const unplaceable = ({ taskId }: PlacementRequest, { failed, change }: Candidates): Unplaceable => {
  const causes = failed.map(({ sentence }) => sentence).join('; ');
  const cheapestChange = change();
  return {
    kind: 'unplaceable',
    taskId,
    filters: failed,
    sentence: `no node fits: ${causes === '' ? 'there are no nodes' : causes}`,
    ...(cheapestChange !== undefined && { cheapestChange }),
  };
};

const placeOn = (request: PlacementRequest, board: Board, { indexes, failed }: Candidates): Placed => {
  const scorer = scorerFor(request, board);
  const best = rank(indexes, scorer).map((index) => board.nodes[index] as WorkingNode);
  const winner = best[0] as WorkingNode;
  const choice = choosePorts(winner.ports, request, winner.seen.id);
  if ('missing' in choice) throw new Error('the ports filter passed a node without free ports');
  const scores = best.map((node) => scoreOf(scorer, node));
  board.occupy(winner, request, choice.chosen);
  return {
    kind: 'placed',
    taskId: request.taskId,
    nodeId: winner.seen.id,
    nodeVersion: winner.seen.version,
    ports: choice.chosen,
    filters: failed,
    best: scores,
  };
};

/**
 * Chooses a node and host ports for each request, one after the other, each seeing what those before it took.
 * The answer has the order of the requests. Nothing is changed in `nodes`. A placed decision is to be
 * committed only if its node still has `nodeVersion`.
 */
export const planPlacement = (requests: PlacementRequest[], nodes: PlacementNode[]): PlacementDecision[] => {
  const board = boardOf(nodes);
  const candidates = candidatesOn(board);
  return requests.map((request) => {
    const found = candidates(request);
    return found.indexes.length === 0 ? unplaceable(request, found) : placeOn(request, board, found);
  });
};
