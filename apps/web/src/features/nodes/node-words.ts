import type { NodeSummary } from '@portreeve/contract';
import type { Tone } from '../../ui/tone.ts';

type Known = Pick<NodeSummary, 'state' | 'availability' | 'agentConnected' | 'engineReachable'>;

const NOT_IN_USE = {
  joining: ['busy', 'joining'],
  unknown: ['unknown', 'unknown'],
  lost: ['bad', 'lost'],
  returning: ['busy', 'returning'],
  removed: ['off', 'removed'],
} as const satisfies Record<Exclude<Known['state'], 'ready'>, readonly [Tone, string]>;

/** One sign and one word for a node. What is wrong with it comes before what was wished for it. */
export const nodeStatus = (node: Known): readonly [tone: Tone, word: string] => {
  if (node.state !== 'ready') return NOT_IN_USE[node.state];
  if (!node.agentConnected) return ['warn', 'not connected'];
  if (!node.engineReachable) return ['bad', 'engine away'];
  if (node.availability === 'draining') return ['busy', 'draining'];
  if (node.availability === 'cordoned') return ['held', 'cordoned'];
  return ['ok', 'ready'];
};
