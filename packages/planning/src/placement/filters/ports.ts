import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import { choosePorts } from '../ports-in-use.ts';
import type { PlacementRequest } from '../types.ts';
import type { WorkingNode } from '../working-node.ts';

const missingOn = (request: PlacementRequest, node: WorkingNode): string => {
  const choice = choosePorts(node.ports, request, node.seen.id);
  if (!('missing' in choice)) return '';
  const { from, to, protocol } = choice.missing;
  const port = from === to ? `port ${from}` : `every port from ${from} to ${to}`;
  return protocol === 'tcp' ? port : `${port}/${protocol}`;
};

/** Each published port needs one free port of its range on the host. */
export const ports: Filter = {
  name: 'ports',
  applies: (request) => request.ports.length > 0,
  check: (request, node) => 'chosen' in choosePorts(node.ports, request, node.seen.id),
  explain: (request, nodes, subject) => {
    const taken = [...new Set(nodes.map((node) => missingOn(request, node)))].toSorted().join(', ');
    return say(subject, nodes.length, `has ${taken} in use`, `have ${taken} in use`);
  },
  remedy: (request, node) => ({
    text: `free ${missingOn(request, node).replace('every port', 'a port')} on ${node.seen.name}`,
    cost: 4,
  }),
};
