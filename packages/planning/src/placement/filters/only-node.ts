import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';

/** The task is meant for one node: global mode, a take-over, a fixed port that its predecessor leaves. */
export const onlyNode: Filter = {
  name: 'only-node',
  applies: (request) => request.onlyNodeId !== undefined,
  check: (request, node) => node.seen.id === request.onlyNodeId,
  explain: (_, nodes, subject) =>
    say(subject, nodes.length, 'is not the one it is for', 'are not the one it is for'),
  remedy: () => undefined,
};
