import type { NodeFacts } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';

/** What hosts route, by node, and the subnets that are ours. */
export const routedAndOwn = async (db: Tx) => {
  const nodes = await db.node.findMany({ where: { removedAt: null }, select: { name: true, facts: true } });
  const networks = await db.network.findMany({ select: { subnet: true } });
  return {
    nodes: nodes.map(({ name, facts }) => ({ name, routes: (facts as NodeFacts | null)?.routes ?? [] })),
    subnets: networks.map(({ subnet }) => subnet),
  };
};
