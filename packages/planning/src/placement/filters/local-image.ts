import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';

/** An image without a digest exists on the host that has it, and no other host could pull it. */
export const localImage: Filter = {
  name: 'local-image',
  applies: (request) => request.pinnedNodeId !== undefined,
  check: (request, node) => node.seen.id === request.pinnedNodeId,
  explain: (_, nodes, subject) =>
    say(
      subject,
      nodes.length,
      'does not have the image, which is in no registry',
      'do not have the image, which is in no registry',
    ),
  remedy: () => undefined,
};
