import { type Availability, formatDuration, type NodeFacts, type NodeState } from '@portreeve/domain';

type NodeCondition = {
  state: NodeState;
  availability: Availability;
  connected: boolean;
  /** Milliseconds since it was heard; undefined when it never was. */
  silentMs: number | undefined;
  lastError: string;
  lastCloseReason: string;
  leaving: boolean;
  facts: NodeFacts | null;
  tasks: number;
  behind: boolean;
};

const cause = ({ lastError, lastCloseReason }: NodeCondition): string => {
  const text = lastError || lastCloseReason;
  return text ? ` ${text.endsWith('.') ? text : `${text}.`}` : '';
};
const silence = ({ silentMs }: NodeCondition): string =>
  silentMs === undefined
    ? 'Its agent was never heard.'
    : `Its agent was last heard ${formatDuration(silentMs)} ago.`;

/** One sentence or two on why a node is not simply in use; empty when it is. */
export const whyNode = (node: NodeCondition): string => {
  const { state, facts } = node;
  if (state === 'removed') return 'It was removed and its certificate revoked.';
  if (state === 'lost')
    return `It is lost: what could be replaced runs elsewhere. ${silence(node)}${cause(node)}`;
  if (state === 'unknown')
    return node.leaving
      ? `Its agent said that it restarts. ${silence(node)}`
      : `What runs there is not known now. ${silence(node)}${cause(node)}`;
  if (state === 'returning')
    return 'It is back and stops what was replaced meanwhile; then it is used again.';
  if (state === 'joining')
    return node.connected
      ? 'It has joined and says what is on it; then it is used.'
      : `It has joined, and its agent has not connected yet.${cause(node)}`;
  if (!node.connected) return `Its agent is not connected. ${silence(node)}${cause(node)}`;
  if (facts && !facts.engine.reachable)
    return `The agent is well, its engine does not answer${facts.engine.error ? `: ${facts.engine.error}` : '.'}`;
  if (node.availability === 'draining')
    return node.tasks > 0
      ? `It is being drained: its tasks move to other nodes, ${node.tasks} to go.`
      : 'It is drained: nothing of ours runs here any more.';
  if (node.availability === 'cordoned') return 'It is cordoned: what runs stays, nothing new comes.';
  if (node.behind && node.lastError) return `It has not taken its newest desired state: ${node.lastError}`;
  return '';
};
