import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';

/** `max_replicas_per_node` of the service. */
export const maxPerNode: Filter = {
  name: 'max-per-node',
  applies: (request) => request.maxPerNode !== undefined,
  check: (request, node) =>
    (node.tasksOfService.get(request.serviceId) ?? 0) < (request.maxPerNode ?? Number.POSITIVE_INFINITY),
  explain: (request, nodes, subject) => {
    const most = `as many tasks of ${request.serviceName} as a node may have (${request.maxPerNode})`;
    return say(subject, nodes.length, `has ${most}`, `have ${most}`);
  },
  remedy: (request, node) => {
    const needed = (node.tasksOfService.get(request.serviceId) ?? 0) + 1;
    return { text: `let a node have ${needed} tasks of ${request.serviceName}`, cost: 3 };
  },
};
