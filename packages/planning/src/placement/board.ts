import { type Sifted, STEADY_FILTERS, sift } from './pipeline.ts';
import type { Placed, PlacementNode, PlacementRequest } from './types.ts';
import { occupy, toWorkingNode, type WorkingNode } from './working-node.ts';

/** All nodes of one batch and what has been learnt of them so far. */
export type Board = {
  nodes: WorkingNode[];
  /** Outcome of the filters that do not change within a batch; shared by requests alike. */
  steady: (request: PlacementRequest) => Sifted;
  /** Nodes with at least one task of the service. */
  holders: (serviceId: string) => ReadonlySet<WorkingNode>;
  occupy: (node: WorkingNode, request: PlacementRequest, ports: Placed['ports']) => void;
};

/** Everything a steady filter looks at. */
const steadyShape = (r: PlacementRequest): string =>
  JSON.stringify([
    r.projectPath,
    r.onlyNodeId,
    r.platform,
    r.constraints,
    r.volumes,
    r.pinnedNodeId,
    r.needsCrossHostNetwork,
  ]);

/** Lays out the nodes in order of their names, so that the same snapshot always gives the same plan. */
export const boardOf = (seen: PlacementNode[]): Board => {
  const nodes = seen.map(toWorkingNode).sort((a, b) => (a.seen.name < b.seen.name ? -1 : 1));
  const shapes = new Map<string, Sifted>();
  const holders = new Map<string, Set<WorkingNode>>();
  const hold = (serviceId: string, node: WorkingNode): void => {
    const set = holders.get(serviceId);
    if (set === undefined) holders.set(serviceId, new Set([node]));
    else set.add(node);
  };
  for (const node of nodes)
    for (const [serviceId, count] of node.tasksOfService) if (count > 0) hold(serviceId, node);

  return {
    nodes,
    steady: (request) => {
      const shape = steadyShape(request);
      const known = shapes.get(shape);
      if (known !== undefined) return known;
      const sifted = sift(STEADY_FILTERS, request, nodes);
      shapes.set(shape, sifted);
      return sifted;
    },
    holders: (serviceId) => holders.get(serviceId) ?? new Set(),
    occupy: (node, request, ports) => {
      occupy(node, request, ports);
      hold(request.serviceId, node);
    },
  };
};
