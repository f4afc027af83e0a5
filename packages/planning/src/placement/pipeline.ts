import type { Filter } from './filter.ts';
import { agentFeatures } from './filters/agent-features.ts';
import { constraints } from './filters/constraints.ts';
import { localImage } from './filters/local-image.ts';
import { maxPerNode } from './filters/max-per-node.ts';
import { networks } from './filters/networks.ts';
import { onlyNode } from './filters/only-node.ts';
import { ownNodes } from './filters/own-nodes.ts';
import { platform } from './filters/platform.ts';
import { ports } from './filters/ports.ts';
import { project } from './filters/project.ts';
import { ready } from './filters/ready.ts';
import { resources } from './filters/resources.ts';
import { volume } from './filters/volume.ts';

/** Rules that no decision of the same batch changes, so that requests alike share their outcome. */
export const STEADY_FILTERS: readonly Filter[] = [
  ready,
  project,
  ownNodes,
  onlyNode,
  platform,
  constraints,
  volume,
  localImage,
  networks,
  agentFeatures,
];

/** Rules about what earlier decisions of the batch may have taken. */
export const MOVING_FILTERS: readonly Filter[] = [maxPerNode, ports, resources];

/** All of them, in the order in which a node is blamed. */
export const FILTERS: readonly Filter[] = [...STEADY_FILTERS, ...MOVING_FILTERS];
