import type { ServiceSummary } from '@portreeve/contract';

/** The state of a service in words; a rollout says how far it is. */
export const stateWords = ({ state, rollout }: Pick<ServiceSummary, 'state' | 'rollout'>): string => {
  if (!rollout) return state;
  const progress = `${rollout.turned} of ${rollout.slots} turned`;
  if (rollout.state === 'running') return `rolling out ${rollout.toRevision}, ${progress}`;
  if (rollout.state === 'rolling back') return `rolling back to ${rollout.fromRevision ?? '?'}, ${progress}`;
  if (rollout.state === 'paused') return `rollout of ${rollout.toRevision} paused, ${progress}`;
  return state;
};
