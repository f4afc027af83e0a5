import {
  type PlacementDecision,
  type PlacementNode,
  type PlacementRequest,
  planPlacement,
} from '@portreeve/planning';

/** A request and the volumes it uses that are on no node yet, by id. */
export type Wish = { request: PlacementRequest; unboundVolumes: { id: string; name: string }[] };
export type PlacedAll = {
  decisions: ReadonlyMap<string, PlacementDecision>;
  /** Volumes and the nodes that their first tasks go to. */
  bindings: ReadonlyMap<string, string>;
};

/** The nodes as they are once these decisions are carried out. */
const occupied = (
  nodes: PlacementNode[],
  wishes: readonly Wish[],
  decisions: ReadonlyMap<string, PlacementDecision>,
): PlacementNode[] => {
  const arriving = Map.groupBy(
    wishes.filter(({ request }) => decisions.get(request.taskId)?.kind === 'placed'),
    ({ request }) => {
      const decision = decisions.get(request.taskId);
      return decision?.kind === 'placed' ? decision.nodeId : '';
    },
  );
  return nodes.map((node) => {
    const here = arriving.get(node.id) ?? [];
    if (here.length === 0) return node;
    const next = structuredClone(node);
    for (const { request } of here) {
      next.taskCount += 1;
      next.tasksOfService[request.serviceId] = (next.tasksOfService[request.serviceId] ?? 0) + 1;
      next.reserved.cpus += request.reservations.cpus ?? 0;
      next.reserved.memoryBytes += request.reservations.memoryBytes ?? 0;
      next.reserved.pids += request.reservations.pids ?? 0;
      const decision = decisions.get(request.taskId);
      if (decision?.kind === 'placed')
        next.usedPorts.push(
          ...decision.ports.map(({ published, ...port }) => ({ ...port, port: published })),
        );
    }
    return next;
  });
};

/**
 * Plans a whole batch. Of several tasks that share a volume which is nowhere yet, the first chooses the node and
 * the others follow it.
 */
export const placeAll = (wishes: readonly Wish[], nodes: PlacementNode[]): PlacedAll => {
  const claimed = new Set<string>();
  const first: Wish[] = [];
  const followers: Wish[] = [];
  for (const wish of wishes) {
    if (wish.unboundVolumes.some(({ id }) => claimed.has(id))) followers.push(wish);
    else {
      first.push(wish);
      for (const { id } of wish.unboundVolumes) claimed.add(id);
    }
  }
  const decisions = new Map<string, PlacementDecision>();
  const bindings = new Map<string, string>();
  const decide = (round: readonly Wish[], seen: PlacementNode[]): void => {
    planPlacement(
      round.map(({ request }) => request),
      seen,
    ).forEach((decision, index) => {
      decisions.set(decision.taskId, decision);
      if (decision.kind === 'placed')
        for (const { id } of round[index]?.unboundVolumes ?? []) bindings.set(id, decision.nodeId);
    });
  };
  decide(first, nodes);
  if (followers.length > 0)
    decide(
      followers.map(({ request, unboundVolumes }) => ({
        unboundVolumes,
        request: {
          ...request,
          volumes: [
            ...request.volumes,
            ...unboundVolumes.flatMap(({ id, name }) => {
              const nodeId = bindings.get(id);
              return nodeId ? [{ name, nodeId }] : [];
            }),
          ],
        },
      })),
      occupied(nodes, first, decisions),
    );
  return { decisions, bindings };
};
