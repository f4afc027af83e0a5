import type { Board } from './board.ts';
import { cheapestChange } from './cheapest-change.ts';
import { counted, type Filter } from './filter.ts';
import { FILTERS, MOVING_FILTERS, STEADY_FILTERS } from './pipeline.ts';
import type { FilterCount, PlacementRequest } from './types.ts';
import type { WorkingNode } from './working-node.ts';

/** The nodes that fit, how many each filter took, and what would help when none is left. */
export type Candidates = {
  /** Indexes of the nodes that fit, ascending. */
  indexes: Int32Array;
  failed: FilterCount[];
  change: () => string | undefined;
};

type Refused = Map<Filter, WorkingNode[]>;
type Steady = { fitting: WorkingNode[]; indexes: Int32Array; failed: FilterCount[] };
/** What is known for all requests of one shape, up to an entry of the journal. */
type Known = Candidates & { ownIndexes: boolean; refused: Refused; upTo: number };

/** Everything a steady filter looks at. */
const steadyShape = (r: PlacementRequest): string =>
  JSON.stringify([
    r.projectPath,
    r.onlyNodeId,
    r.platforms,
    r.constraints,
    r.volumes,
    r.pinnedNodeId,
    r.needsCrossHostNetwork,
    r.needsFeatures,
  ]);

/** Everything a moving filter looks at. */
const movingShape = (r: PlacementRequest): string =>
  JSON.stringify([r.maxPerNode && [r.serviceId, r.maxPerNode], r.ports, r.freed, r.reservations]);

/** Moves nodes that fail from `fitting` to `refused`, each to the first filter that it fails. */
const sift = (
  filters: readonly Filter[],
  request: PlacementRequest,
  nodes: WorkingNode[],
  refused: Refused,
): WorkingNode[] => {
  let fitting = nodes;
  for (const filter of filters) {
    if (!filter.applies(request)) continue;
    const from = fitting.findIndex((node) => !filter.check(request, node));
    if (from === -1) continue;
    const passed = fitting.slice(0, from);
    const failing = refused.get(filter) ?? [];
    for (let i = from; i < fitting.length; i += 1) {
      const node = fitting[i] as WorkingNode;
      (filter.check(request, node) ? passed : failing).push(node);
    }
    refused.set(filter, failing);
    fitting = passed;
  }
  return fitting;
};

const indexesOf = (nodes: WorkingNode[]): Int32Array => {
  const indexes = new Int32Array(nodes.length);
  for (let i = 0; i < nodes.length; i += 1) indexes[i] = (nodes[i] as WorkingNode).index;
  return indexes;
};

/** Where `index` stands in the ascending `indexes`; -1 when it does not. */
const placeOf = (indexes: Int32Array, index: number): number => {
  let low = 0;
  let high = indexes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = indexes[middle] as number;
    if (found === index) return middle;
    if (found < index) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
};

const countsOf = (request: PlacementRequest, refused: Refused): FilterCount[] =>
  FILTERS.flatMap((filter) => {
    const nodes = refused.get(filter);
    if (nodes === undefined) return [];
    return [{ filter: filter.name, failed: nodes.length, sentence: filter.explain(request, nodes, counted) }];
  });

/** Takes out those of `changed` that fail now; false when none did. The rest of the nodes are as they were. */
const sortOut = (request: PlacementRequest, now: Known, changed: WorkingNode[]): boolean => {
  const asked = MOVING_FILTERS.filter((filter) => filter.applies(request));
  const out: WorkingNode[] = [];
  for (const node of changed) {
    if (asked.every((filter) => filter.check(request, node))) continue;
    const at = placeOf(now.indexes, node.index);
    if (at === -1) continue;
    // Closing the gap costs less than a new array for each task placed.
    if (!now.ownIndexes) now.indexes = now.indexes.slice();
    now.ownIndexes = true;
    now.indexes.copyWithin(at, at + 1);
    now.indexes = now.indexes.subarray(0, now.indexes.length - 1);
    out.push(node);
  }
  if (out.length === 0) return false;
  sift(MOVING_FILTERS, request, out, now.refused);
  return true;
};

/**
 * Answers which nodes fit a request. Within a batch nodes only fill up, so that a node once refused stays so
 * for requests alike, and only those that took a task since are looked at again.
 */
export const candidatesOn = (board: Board): ((request: PlacementRequest) => Candidates) => {
  const steady = new Map<string, Steady>();
  const known = new Map<string, Known>();

  const steadyOf = (request: PlacementRequest, shape: string): Steady => {
    const refused: Refused = new Map();
    const fitting = sift(STEADY_FILTERS, request, board.nodes, refused);
    const made = { fitting, indexes: indexesOf(fitting), failed: countsOf(request, refused) };
    steady.set(shape, made);
    return made;
  };

  const begin = (request: PlacementRequest, base: Steady): Known => {
    const refused: Refused = new Map();
    const fitting = sift(MOVING_FILTERS, request, base.fitting, refused);
    const failed = [...base.failed, ...countsOf(request, refused)];
    const answered: { upTo?: number; text?: string | undefined } = {};
    const change = () => {
      if (answered.upTo !== board.journal.length) {
        answered.text = cheapestChange(request, board.nodes);
        answered.upTo = board.journal.length;
      }
      return answered.text;
    };
    const ownIndexes = fitting !== base.fitting;
    const indexes = ownIndexes ? indexesOf(fitting) : base.indexes;
    return { indexes, ownIndexes, failed, refused, change, upTo: board.journal.length };
  };

  return (request) => {
    const shape = steadyShape(request);
    const base = steady.get(shape) ?? steadyOf(request, shape);
    const key = `${shape} ${movingShape(request)}`;
    const now = known.get(key);
    if (now === undefined) {
      const made = begin(request, base);
      known.set(key, made);
      return made;
    }
    const changed = board.journal.slice(now.upTo);
    now.upTo = board.journal.length;
    if (sortOut(request, now, changed)) now.failed = [...base.failed, ...countsOf(request, now.refused)];
    return now;
  };
};
