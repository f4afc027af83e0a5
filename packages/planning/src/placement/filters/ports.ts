import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import { choosePorts } from '../ports-in-use.ts';
import type { PlacementRequest } from '../types.ts';
import type { WorkingNode } from '../working-node.ts';

type Missing = { port: string; isForeign: boolean };

/** The first range that has no free port on a node, and whether something that is not ours is in its way. */
const missingOn = (request: PlacementRequest, node: WorkingNode): Missing => {
  const choice = choosePorts(node.ports, request, node.seen.id);
  if (!('missing' in choice)) return { port: '', isForeign: false };
  const { from, to, protocol } = choice.missing;
  const port = from === to ? `port ${from}` : `every port from ${from} to ${to}`;
  const isForeign = node.seen.foreignPorts.some(
    (held) => held.protocol === protocol && held.port >= from && held.port <= to,
  );
  return { port: protocol === 'tcp' ? port : `${port}/${protocol}`, isForeign };
};

const listed = (missing: Missing[]): string =>
  [...new Set(missing.map(({ port }) => port))].toSorted().join(', ');

const FOREIGN = 'in use by something else on that host';

/** Each published port needs one free port of its range on the host. */
export const ports: Filter = {
  name: 'ports',
  applies: (request) => request.ports.length > 0,
  check: (request, node) => 'chosen' in choosePorts(node.ports, request, node.seen.id),
  explain: (request, nodes, subject) => {
    const missing = nodes.map((node) => missingOn(request, node));
    return [false, true]
      .map((foreign) => ({ some: missing.filter(({ isForeign }) => isForeign === foreign), foreign }))
      .filter(({ some }) => some.length > 0)
      .map(({ some, foreign }) => {
        const what = `${listed(some)} ${foreign ? FOREIGN : 'in use'}`;
        return say(subject, some.length, `has ${what}`, `have ${what}`);
      })
      .join(', ');
  },
  remedy: (request, node) => ({
    text: `free ${missingOn(request, node).port.replace('every port', 'a port')} on ${node.seen.name}`,
    cost: 4,
  }),
};
