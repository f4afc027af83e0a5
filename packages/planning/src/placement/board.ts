import { nodeValue } from './node-value.ts';
import type { Placed, PlacementNode, PlacementRequest } from './types.ts';
import { headroomOf, occupy, toWorkingNode, type WorkingNode } from './working-node.ts';

/** Nodes by the value of one label: for each node, by its index, the number of its value. */
export type DomainColumn = { domainOf: Int32Array; count: number };

/** All nodes of one batch, and indexes that spare looking at each of them for each request. */
export type Board = {
  nodes: WorkingNode[];
  /** Headroom of each node by its index; a column, because every request asks for all of it. */
  headroom: Float64Array;
  /** Room for one number per node, for whoever is at work. */
  scratch: Float64Array;
  /** Every node that took a task of this batch, in order. Only these can have begun to fail a filter. */
  journal: WorkingNode[];
  /** Nodes with at least one task of the service. */
  holders: (serviceId: string) => ReadonlySet<WorkingNode>;
  withImage: (imageKey: string) => readonly WorkingNode[];
  withId: (nodeId: string) => WorkingNode | undefined;
  domains: (key: string) => DomainColumn;
  occupy: (node: WorkingNode, request: PlacementRequest, ports: Placed['ports']) => void;
};

const NONE: ReadonlySet<WorkingNode> = new Set();

const addTo = <K>(index: Map<K, Set<WorkingNode>>, key: K, node: WorkingNode): void => {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([node]));
  else set.add(node);
};

const indexImages = (nodes: WorkingNode[]): Map<string, WorkingNode[]> => {
  const index = new Map<string, WorkingNode[]>();
  for (const node of nodes)
    for (const image of node.seen.images) {
      const list = index.get(image);
      if (list === undefined) index.set(image, [node]);
      else list.push(node);
    }
  return index;
};

const columnOf = (nodes: WorkingNode[], key: string): DomainColumn => {
  const numbers = new Map<string, number>();
  const domainOf = new Int32Array(nodes.length);
  for (const node of nodes) {
    const value = nodeValue(node.seen, key) ?? '';
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    domainOf[node.index] = number;
  }
  return { domainOf, count: numbers.size };
};

/** Lays out the nodes in order of their names, so that the same snapshot always gives the same plan. */
export const boardOf = (seen: PlacementNode[]): Board => {
  const nodes = seen.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(toWorkingNode);
  const ids = new Map(nodes.map((node) => [node.seen.id, node]));
  const headroom = Float64Array.from(nodes, headroomOf);
  const journal: WorkingNode[] = [];
  const columns = new Map<string, DomainColumn>();
  const holders = new Map<string, Set<WorkingNode>>();
  for (const node of nodes)
    for (const [serviceId, count] of node.tasksOfService) if (count > 0) addTo(holders, serviceId, node);
  let images: Map<string, WorkingNode[]> | undefined;

  return {
    nodes,
    headroom,
    scratch: new Float64Array(nodes.length),
    journal,
    holders: (serviceId) => holders.get(serviceId) ?? NONE,
    withImage: (imageKey) => {
      images ??= indexImages(nodes);
      return images.get(imageKey) ?? [];
    },
    withId: (nodeId) => ids.get(nodeId),
    domains: (key) => {
      const column = columns.get(key) ?? columnOf(nodes, key);
      columns.set(key, column);
      return column;
    },
    occupy: (node, request, ports) => {
      occupy(node, request, ports);
      headroom[node.index] = headroomOf(node);
      addTo(holders, request.serviceId, node);
      journal.push(node);
    },
  };
};
