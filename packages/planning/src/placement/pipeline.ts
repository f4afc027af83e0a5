import type { Filter } from './filter.ts';
import { counted } from './filter.ts';
import { constraints } from './filters/constraints.ts';
import { localImage } from './filters/local-image.ts';
import { maxPerNode } from './filters/max-per-node.ts';
import { networks } from './filters/networks.ts';
import { onlyNode } from './filters/only-node.ts';
import { platform } from './filters/platform.ts';
import { ports } from './filters/ports.ts';
import { project } from './filters/project.ts';
import { ready } from './filters/ready.ts';
import { resources } from './filters/resources.ts';
import { volume } from './filters/volume.ts';
import type { FilterCount, PlacementRequest } from './types.ts';
import type { WorkingNode } from './working-node.ts';

/** Rules that no decision of the same batch changes, so that requests alike share their outcome. */
export const STEADY_FILTERS: readonly Filter[] = [
  ready,
  project,
  onlyNode,
  platform,
  constraints,
  volume,
  localImage,
  networks,
];

/** Rules about what earlier decisions of the batch may have taken. */
export const MOVING_FILTERS: readonly Filter[] = [maxPerNode, ports, resources];

/** All of them, in the order in which a node is blamed. */
export const FILTERS: readonly Filter[] = [...STEADY_FILTERS, ...MOVING_FILTERS];

/** What was left over by some filters, and how many nodes each took. */
export type Sifted = { fitting: WorkingNode[]; failed: FilterCount[] };

/** Passes nodes through filters; each node is counted at the first one that it fails. */
export const sift = (filters: readonly Filter[], request: PlacementRequest, nodes: WorkingNode[]): Sifted => {
  let fitting = nodes;
  const failed: FilterCount[] = [];
  for (const filter of filters) {
    if (!filter.applies(request)) continue;
    const passed: WorkingNode[] = [];
    const refused: WorkingNode[] = [];
    for (const node of fitting) (filter.check(request, node) ? passed : refused).push(node);
    fitting = passed;
    if (refused.length === 0) continue;
    const sentence = filter.explain(request, refused, counted);
    failed.push({ filter: filter.name, failed: refused.length, sentence });
  }
  return { fitting, failed };
};
