import { AGENT_FEATURES, unknownTo } from '@portreeve/domain';
import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';

/** An agent that does not know what a task asks for would refuse everything that its host is told. */
export const agentFeatures: Filter = {
  name: 'agent-features',
  applies: (request) => request.needsFeatures.length > 0,
  check: (request, node) => unknownTo(node.seen.features, request.needsFeatures) === undefined,
  explain: (request, nodes, subject) => {
    const missing = nodes.flatMap(({ seen }) => unknownTo(seen.features, request.needsFeatures) ?? []);
    const what = [...new Set(missing)].map((feature) => AGENT_FEATURES[feature]).join(', ');
    const older = `an agent that is older and does not know ${what}`;
    return say(subject, nodes.length, `has ${older}`, `have ${older}`);
  },
  remedy: (_, node) => ({ text: `upgrade the agent of ${node.seen.name}`, cost: 3 }),
};
