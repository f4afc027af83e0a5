import { isWithin } from '@portreeve/domain';
import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import type { PlacementRequest } from '../types.ts';
import type { WorkingNode } from '../working-node.ts';

/** The project that keeps the task from the node, if there is one. */
const keeper = ({ projectPath }: PlacementRequest, { seen }: WorkingNode): string | undefined =>
  seen.keptFrom.find((path) => isWithin(projectPath, path));

/** Tasks of a project that keeps to its own nodes run on none that belongs to a project above it. */
export const ownNodes: Filter = {
  name: 'own-nodes',
  applies: () => true,
  check: (request, node) => node.seen.keptFrom.length === 0 || keeper(request, node) === undefined,
  explain: (request, nodes, subject) => {
    const [first] = nodes;
    const path = (first && keeper(request, first)) ?? request.projectPath;
    const why = `of ${path}, whose tasks run only on nodes of its own`;
    return say(subject, nodes.length, `is none ${why}`, `are none ${why}`);
  },
  remedy: (request, node) => ({
    text: `let tasks of ${keeper(request, node) ?? request.projectPath} run on nodes of the projects above it`,
    cost: 8,
  }),
};
