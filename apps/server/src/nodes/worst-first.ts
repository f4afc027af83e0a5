import type { NodeSummary } from '@portreeve/contract';

type Standing = Pick<
  NodeSummary,
  'name' | 'state' | 'availability' | 'agentConnected' | 'engineReachable' | 'findings'
>;

const AWAY = { lost: 0, unknown: 1, returning: 3, joining: 3, removed: 9 } as const satisfies Record<
  Exclude<Standing['state'], 'ready'>,
  number
>;

const rankOf = (node: Standing): number => {
  if (node.state !== 'ready') return AWAY[node.state];
  if (!node.agentConnected || !node.engineReachable) return 2;
  if (node.availability === 'draining') return 4;
  if (node.availability === 'cordoned') return 5;
  return node.findings.length > 0 ? 6 : 7;
};

/** Key that sorts what needs a person to the top: lost, silent, without engine, on its way, held, with findings, well. */
export const worstFirst = (node: Standing): string => `${rankOf(node)} ${node.name}`;
