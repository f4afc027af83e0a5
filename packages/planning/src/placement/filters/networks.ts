import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';

/** Networks that reach across hosts need kernel and engine to play along; the node says whether they do. */
export const networks: Filter = {
  name: 'networks',
  applies: (request) => request.needsCrossHostNetwork,
  check: (_, node) => node.seen.crossHostNetworks.able,
  explain: (_, nodes, subject) => {
    const reasons = new Set(nodes.flatMap((node) => node.seen.crossHostNetworks.reason ?? []));
    const why = reasons.size === 0 ? '' : ` (${[...reasons].slice(0, 3).join('; ')})`;
    return `${say(subject, nodes.length, 'cannot', 'cannot')} join networks across hosts${why}`;
  },
  remedy: () => undefined,
};
