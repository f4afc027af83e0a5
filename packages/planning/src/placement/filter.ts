import type { FilterName, PlacementRequest } from './types.ts';
import type { WorkingNode } from './working-node.ts';

/** What a person could do so that a node passes a filter; the lowest sum of costs is proposed. */
export type Remedy = { text: string; cost: number };

/** Says who a sentence is about: `2 nodes`, or the name of the one node a table row shows. */
export type Subject = (count: number) => string;

/**
 * One hard rule of placement. `check` runs for every node and allocates nothing; `explain` is asked only about
 * nodes that failed, so the two must agree on why.
 */
export type Filter = {
  name: FilterName;
  /** False: the request asks nothing of this kind, and every node passes. */
  applies: (request: PlacementRequest) => boolean;
  check: (request: PlacementRequest, node: WorkingNode) => boolean;
  explain: (request: PlacementRequest, nodes: WorkingNode[], subject: Subject) => string;
  remedy: (request: PlacementRequest, node: WorkingNode) => Remedy | undefined;
};

/** The subject of a sentence over many nodes. */
export const counted: Subject = (count) => (count === 1 ? '1 node' : `${count} nodes`);

/** `2 nodes are cordoned`, `1 node is cordoned`: subject and the verb that goes with the number. */
export const say = (subject: Subject, count: number, one: string, many: string): string =>
  `${subject(count)} ${count === 1 ? one : many}`;
