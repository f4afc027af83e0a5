import type { ServiceSpec } from './service-spec.ts';

/**
 * What agents learned after protocol 1 was first spoken, with what a person calls it: values of a spec that an older
 * agent does not know, and so would refuse its whole document for (agent-protocol's SPEC.md, V3). An agent names its own
 * in its facts. A value added to a shape of the document gets an entry here, and stays.
 */
export const AGENT_FEATURES = { 'network-mode-bridge': 'network_mode: bridge' } as const;
export type AgentFeature = keyof typeof AGENT_FEATURES;

/** Of those, what the agent of a task's host must know. */
export const featuresNeededBy = ({ networkMode }: Pick<ServiceSpec, 'networkMode'>): AgentFeature[] =>
  networkMode === 'bridge' ? ['network-mode-bridge'] : [];

/** The first thing that a task asks for and an agent with these features does not know. */
export const unknownTo = (
  known: readonly string[],
  needed: readonly AgentFeature[],
): AgentFeature | undefined => needed.find((feature) => !known.includes(feature));
