import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import { tasksBeside } from '../working-node.ts';

/** `max_replicas_per_node` of the service. */
export const maxPerNode: Filter = {
  name: 'max-per-node',
  applies: (request) => request.maxPerNode !== undefined,
  check: (request, node) => tasksBeside(request, node) < (request.maxPerNode ?? Number.POSITIVE_INFINITY),
  explain: (request, nodes, subject) => {
    const most = `as many tasks of ${request.serviceName} as a node may have (${request.maxPerNode})`;
    return say(subject, nodes.length, `has ${most}`, `have ${most}`);
  },
  remedy: (request, node) => {
    const needed = tasksBeside(request, node) + 1;
    return { text: `let a node have ${needed} tasks of ${request.serviceName}`, cost: 3 };
  },
};
