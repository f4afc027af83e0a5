import type { FilterCount } from '@portreeve/planning';

/** What keeps tasks from a node. The text speaks of no single service, and is the same for all that one thing keeps. */
export type Cause = { text: string; tasks: number };

/** A volume and the amounts that a task needs are its own; that its node is gone, or the memory taken, is not. */
const inGeneral = ({ filter, sentence }: FilterCount): string =>
  filter === 'volume'
    ? sentence.replace(/ volume .*$/, ' its volumes')
    : sentence.replace(/ \([^()]*\)/g, '');

/** The cause of tasks that wait for a node, from what ruled the nodes out; what came after that has only its sentence. */
export const causeOf = (waiting: {
  reason: string;
  filters: readonly FilterCount[];
  tasks: number;
}): Cause => {
  const { reason, filters, tasks } = waiting;
  const ruledOut = filters.filter(({ failed }) => failed > 0).map(inGeneral);
  const isByFilters = reason.startsWith('no node fits') && ruledOut.length > 0;
  return { text: isByFilters ? ruledOut.join('; ') : reason, tasks };
};

const MOST_NAMES = 5;

/** Names in a sentence: the first few, and how many more. */
export const namesInWords = (names: readonly string[]): string => {
  const told = names.slice(0, names.length > MOST_NAMES ? MOST_NAMES - 1 : MOST_NAMES);
  const more = names.length - told.length;
  return `${told.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};
