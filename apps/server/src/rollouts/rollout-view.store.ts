import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';

/** A rollout with its service, stack, project and story. Throws `not-found`. */
export const getRollout = async (db: Tx, id: string) => {
  const row = await db.rollout.findUnique({
    where: { id },
    include: {
      service: { include: { stack: { include: { project: true } } } },
      events: { orderBy: { id: 'asc' } },
    },
  });
  if (row) return row;
  throw new DomainError('not-found', 'There is no such rollout.');
};

/** The last few of a service that went well, to measure by. */
export const succeededRollouts = (db: Tx, serviceId: string) =>
  db.rollout.findMany({
    where: { serviceId, state: 'succeeded', allTurnedAt: { not: null } },
    orderBy: { number: 'desc' },
    take: 5,
  });

export const nodeNames = async (db: Tx, ids: string[]): Promise<ReadonlyMap<string, string>> => {
  if (ids.length === 0) return new Map();
  const nodes = await db.node.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  return new Map(nodes.map(({ id, name }) => [id, name]));
};
