import {
  type Freed,
  type PlacementDecision,
  type PlacementNode,
  type PlacementRequest,
  planPlacement,
} from '../src/index.ts';
import { GIB, node } from './samples.ts';

export const MIB = 2 ** 20;

/** What becomes of one task alone. */
export const decide = (asked: PlacementRequest, nodes: PlacementNode[]): PlacementDecision => {
  const [decision] = planPlacement([asked], nodes);
  if (decision === undefined) throw new Error('no decision');
  return decision;
};

/** Where it is placed, or why nowhere. */
export const nodeOf = (decision: PlacementDecision | undefined): string =>
  decision?.kind === 'placed' ? decision.nodeId : `none: ${decision?.sentence}`;

/** What a task that ends first gives up on that node. */
export const over = (nodeId: string, held: Partial<Freed>): Freed => ({
  nodeId,
  reserved: {},
  ports: [],
  ...held,
});

/** A node with so much memory left. */
export const fill = (name: string, freeBytes: number): PlacementNode =>
  node(name, { reserved: { cpus: 0, memoryBytes: 4 * GIB - freeBytes, pids: 0 } });
