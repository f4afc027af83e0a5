import { planPlacement } from '../placement/plan.ts';
import type { PlacementNode, PlacementRequest } from '../placement/types.ts';

/** A task of the node that is to be emptied, with what its replacement would ask for. */
export type DrainTask = {
  request: PlacementRequest;
  mode: 'replicated' | 'global';
  /** Names of volumes whose data is on this node. */
  localVolumes: string[];
};

type Who = { taskId: string; serviceName: string; slot: number };

export type DrainPreview = {
  moves: (Who & { toNodeId: string; toNodeName: string })[];
  /** Tasks that will not run anywhere else: their service has one per node. */
  ends: Who[];
  /** What cannot move, and why, in a sentence. */
  stays: (Who & { reason: string; cheapestChange?: string })[];
  sentence: string;
};

const who = ({ request }: DrainTask): Who => ({
  taskId: request.taskId,
  serviceName: request.serviceName,
  slot: request.slot,
});

const inWords = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

const sentenceOf = ({ moves, ends, stays }: Omit<DrainPreview, 'sentence'>): string => {
  const parts = [
    ...inWords(moves.length, 'task moves', 'tasks move'),
    ...inWords(ends.length, 'ends with the node', 'end with the node'),
    ...inWords(stays.length, 'cannot move', 'cannot move'),
  ];
  return parts.length === 0 ? 'Nothing runs here.' : `${parts.join(', ')}.`;
};

/**
 * What draining a node would do: where each task would go and which cannot. A forecast from this snapshot; the
 * drain itself places again, task by task. `tasks` are those of `nodeId` that are not over.
 */
export const previewDrain = (nodeId: string, tasks: DrainTask[], nodes: PlacementNode[]): DrainPreview => {
  const ending = tasks.filter(({ mode }) => mode === 'global');
  const bound = tasks.filter(({ mode, localVolumes }) => mode !== 'global' && localVolumes.length > 0);
  const free = tasks.filter(({ mode, localVolumes }) => mode !== 'global' && localVolumes.length === 0);
  const others = nodes.filter(({ id }) => id !== nodeId);
  const names = new Map(nodes.map(({ id, name }) => [id, name]));

  const moves: DrainPreview['moves'] = [];
  const stays: DrainPreview['stays'] = bound.map((task) => ({
    ...who(task),
    reason: `the data of ${task.localVolumes.join(', ')} is on ${names.get(nodeId) ?? nodeId}`,
  }));
  const decisions = planPlacement(
    free.map(({ request }) => request),
    others,
  );
  for (const [i, decision] of decisions.entries()) {
    const task = free[i];
    if (task === undefined) continue;
    if (decision.kind === 'placed')
      moves.push({ ...who(task), toNodeId: decision.nodeId, toNodeName: names.get(decision.nodeId) ?? '' });
    else
      stays.push({
        ...who(task),
        reason: decision.sentence,
        ...(decision.cheapestChange !== undefined && { cheapestChange: decision.cheapestChange }),
      });
  }
  const preview = { moves, ends: ending.map(who), stays };
  return { ...preview, sentence: sentenceOf(preview) };
};
