import type { PlacementNode } from './types.ts';

const NODE_LABEL = 'node.labels.';
const ENGINE_LABEL = 'engine.labels.';

/** What a placement key such as `node.labels.zone` stands for on a node; undefined where it has none. */
export const nodeValue = (node: PlacementNode, key: string): string | undefined => {
  if (key.startsWith(NODE_LABEL)) return node.labels[key.slice(NODE_LABEL.length)];
  if (key.startsWith(ENGINE_LABEL)) return node.engineLabels[key.slice(ENGINE_LABEL.length)];
  if (key === 'node.id') return node.id;
  if (key === 'node.hostname') return node.name;
  if (key === 'node.platform.os') return node.os;
  return key === 'node.platform.arch' ? node.architecture : undefined;
};
