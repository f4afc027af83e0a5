import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import type { WorkingNode } from '../working-node.ts';

const REASONS = {
  joining: { one: 'is still joining', many: 'are still joining', way: 'wait for', cost: 8 },
  unknown: { one: 'is silent', many: 'are silent', way: 'bring back', cost: 8 },
  lost: { one: 'is lost', many: 'are lost', way: 'bring back', cost: 9 },
  returning: { one: 'is just coming back', many: 'are just coming back', way: 'wait for', cost: 7 },
  removed: { one: 'was removed', many: 'were removed', way: undefined, cost: 0 },
  cordoned: { one: 'is cordoned', many: 'are cordoned', way: 'uncordon', cost: 1 },
  draining: { one: 'is draining', many: 'are draining', way: 'end the drain of', cost: 2 },
  engine: {
    one: 'has an engine that does not answer',
    many: 'have an engine that does not answer',
    way: 'mend the engine of',
    cost: 4,
  },
} as const;

const reasonOf = ({ seen }: WorkingNode): keyof typeof REASONS | undefined => {
  if (seen.state !== 'ready') return seen.state;
  if (seen.availability !== 'active') return seen.availability;
  return seen.engineReachable ? undefined : 'engine';
};

/** The node is connected, takes new tasks, and its engine answers. */
export const ready: Filter = {
  name: 'ready',
  applies: () => true,
  check: (_, node) => reasonOf(node) === undefined,
  explain: (_, nodes, subject) => {
    const groups = Map.groupBy(nodes, reasonOf);
    return Object.entries(REASONS)
      .map(([reason, words]) => ({ words, count: groups.get(reason as keyof typeof REASONS)?.length ?? 0 }))
      .filter(({ count }) => count > 0)
      .map(({ words, count }) => say(subject, count, words.one, words.many))
      .join(', ');
  },
  remedy: (_, node) => {
    const reason = reasonOf(node);
    const words = reason && REASONS[reason];
    return words?.way && { text: `${words.way} ${node.seen.name}`, cost: words.cost };
  },
};
