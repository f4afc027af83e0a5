import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';

/** A local volume is data on one host; its tasks run there and nowhere else. */
export const volume: Filter = {
  name: 'volume',
  applies: (request) => request.volumes.length > 0,
  check: (request, node) => request.volumes.every(({ nodeId }) => nodeId === node.seen.id),
  explain: (request, nodes, subject) => {
    const ids = new Set(nodes.map((node) => node.seen.id));
    const names = request.volumes.filter(({ nodeId }) => nodes.length > 1 || !ids.has(nodeId));
    const which = `volume ${[...new Set(names.map(({ name }) => name))].join(', ')}`;
    return say(subject, nodes.length, `does not have ${which}`, `do not have ${which}`);
  },
  remedy: () => undefined,
};
