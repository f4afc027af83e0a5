import type { Tree } from './tree.ts';

const MAX_NODES = 200_000;
const MAX_CHARACTERS = 8_388_608;

/** True when a tree with all its aliases, variables and `extends` is more than a stack can sensibly be. */
export const isTooLarge = (root: Tree): boolean => {
  const open = [root];
  let [nodes, characters] = [0, 0];
  for (let tree = open.pop(); tree; tree = open.pop()) {
    nodes += 1;
    if (tree.kind === 'scalar') characters += tree.text.length;
    if (nodes > MAX_NODES || characters > MAX_CHARACTERS) return true;
    if (tree.kind === 'list') for (const item of tree.items) open.push(item);
    if (tree.kind === 'map') for (const { value } of tree.entries.values()) open.push(value);
  }
  return false;
};
