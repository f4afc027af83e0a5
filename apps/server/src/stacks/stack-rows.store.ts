import type { StackView } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';

// Without their files: every list would load all of them.
const include = {
  project: true,
  versions: { orderBy: { number: 'desc' }, take: 1, select: { id: true, appliedBy: true } },
} as const;
export type StackRowWithProject = Awaited<ReturnType<typeof stackRows>>[number];

/** Stacks with their project and their newest version, by name. */
export const stackRows = (db: Tx, where: { id?: string; projectId?: { in: string[] }; name?: string }) =>
  db.stack.findMany({ where: { ...where, removedAt: null }, include, orderBy: { name: 'asc' } });

/** One version of a stack, whole. */
export const findVersion = (db: Tx, id: string) => db.stackVersion.findUnique({ where: { id } });

/** The project of a stack, also of one that is gone. Throws `not-found`. */
export const projectOfStack = async (db: Tx, id: string): Promise<string> => {
  const stack = await db.stack.findFirst({ where: { id }, select: { project: { select: { path: true } } } });
  if (stack) return stack.project.path;
  throw new DomainError('not-found', 'There is no such stack.');
};

/** A rollout that is not over and not on its way back: what it goes to is what is wished for. */
const TOWARDS = { rollingBack: false, state: { in: ['running', 'paused'] } };

/** What is wished of services now: how many, and which revision they are on or go to. */
export const wishedServices = (db: Tx, ids: string[]) =>
  db.service.findMany({
    where: { id: { in: ids } },
    select: {
      id: true,
      replicas: true,
      currentRevisionId: true,
      rollouts: { where: TOWARDS, take: 1, select: { toRevisionId: true } },
    },
  });

/** The image that each of these services is on its way to; nothing of those that are not under way. */
export const wishedImages = async (db: Tx, ids: string[]): Promise<ReadonlyMap<string, string>> => {
  if (ids.length === 0) return new Map();
  const rollouts = await db.rollout.findMany({
    where: { ...TOWARDS, serviceId: { in: ids } },
    select: { serviceId: true, toRevisionId: true },
  });
  const revisions = await db.revision.findMany({
    where: { id: { in: rollouts.map(({ toRevisionId }) => toRevisionId) } },
    select: { id: true, spec: true },
  });
  const imageOf = new Map(revisions.map(({ id, spec }) => [id, (spec as { image: string }).image]));
  return new Map(rollouts.map((one) => [one.serviceId, imageOf.get(one.toRevisionId) ?? '']));
};

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
