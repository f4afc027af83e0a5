import type { ServiceSummary } from '@portreeve/contract';

/** How far a rollout under way is; nothing of one that is over. */
const rolloutWords = (rollout: ServiceSummary['rollout']): string | undefined => {
  if (!rollout) return undefined;
  const progress = `${rollout.turned} of ${rollout.slots} turned`;
  if (rollout.state === 'running') return `rolling out ${rollout.toRevision}, ${progress}`;
  if (rollout.state === 'rolling back') return `rolling back to ${rollout.fromRevision ?? '?'}, ${progress}`;
  if (rollout.state === 'paused') return `rollout of ${rollout.toRevision} paused, ${progress}`;
  return undefined;
};

/** The state of a service in words; a rollout says how far it is, and does not hide that nothing serves. */
export const stateWords = ({ state, rollout }: Pick<ServiceSummary, 'state' | 'rollout'>): string => {
  const under = rolloutWords(rollout);
  if (under === undefined) return state;
  return state === 'down' ? `down; ${under}` : under;
};
