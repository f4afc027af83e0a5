import type { StackView } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';

const include = { project: true, versions: { orderBy: { number: 'desc' }, take: 1 } } as const;
export type StackRowWithProject = Awaited<ReturnType<typeof stackRows>>[number];

/** Stacks with their project and their newest version, by name. */
export const stackRows = (db: Tx, where: { id?: string; projectId?: { in: string[] }; name?: string }) =>
  db.stack.findMany({ where: { ...where, removedAt: null }, include, orderBy: { name: 'asc' } });

/** The project of a stack, also of one that is gone. Throws `not-found`. */
export const projectOfStack = async (db: Tx, id: string): Promise<string> => {
  const stack = await db.stack.findFirst({ where: { id }, select: { project: { select: { path: true } } } });
  if (stack) return stack.project.path;
  throw new DomainError('not-found', 'There is no such stack.');
};

/** What is wished of services now: how many, and which revision they are on or go to. */
export const wishedServices = (db: Tx, ids: string[]) =>
  db.service.findMany({
    where: { id: { in: ids } },
    select: {
      id: true,
      replicas: true,
      currentRevisionId: true,
      rollouts: { where: { state: 'running' }, take: 1, select: { toRevisionId: true } },
    },
  });

export const stackNetworks = (db: Tx, stackId: string) =>
  db.network.findMany({
    where: { stackId, removedAt: null },
    select: { id: true, name: true, subnet: true },
    orderBy: { name: 'asc' },
  });

/** Its volumes, each with the node that it is on. */
export const volumeViews = async (db: Tx, stackId: string): Promise<StackView['volumes']> => {
  const volumes = await db.volume.findMany({ where: { stackId, removedAt: null }, orderBy: { name: 'asc' } });
  const nodes = await db.node.findMany({
    where: { id: { in: volumes.flatMap(({ nodeId }) => nodeId ?? []) } },
    select: { id: true, name: true },
  });
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return volumes.map(({ id, name, nodeId }) => ({ id, name, node: names.get(nodeId ?? '') ?? null }));
};
