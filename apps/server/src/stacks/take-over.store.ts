import { FINAL_TASK_STATES } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { HostVolume } from './take-over-volumes.ts';

export const findNode = (db: Tx, id: string) =>
  db.node.findFirst({ where: { id, removedAt: null }, include: { project: true } });

/** Which of these volumes of a node another stack has, also one that is about to be removed from the host. */
export const volumesOfStacks = async (
  tx: Tx,
  nodeId: string,
  names: readonly string[],
): Promise<Set<string>> => {
  const rows = await tx.volume.findMany({ where: { nodeId, engineName: { in: [...names] } } });
  return new Set(rows.map(({ engineName }) => engineName));
};

/** Whether tasks take the places of these containers already. */
export const isBeingReplaced = async (tx: Tx, containerIds: readonly string[]): Promise<boolean> =>
  (await tx.task.count({
    where: {
      replacesContainer: { in: [...containerIds] },
      state: { notIn: [...FINAL_TASK_STATES] },
    },
  })) > 0;

/**
 * A volume that this stack just got is from now on the one that the engine of that node knows by this name. False for
 * one of another stack, which keeps its own.
 */
export const adoptVolume = async (
  tx: Tx,
  to: { id: string; stackId: string; nodeId: string },
  { name, driver, driverOptions }: HostVolume,
): Promise<boolean> => {
  const { id, stackId, nodeId } = to;
  const { count } = await tx.volume.updateMany({
    where: { id, stackId, nodeId: null },
    data: { engineName: name, nodeId, driver: driver ?? 'local', driverOptions: driverOptions ?? {} },
  });
  return count > 0;
};

export const setReplicas = async (tx: Tx, serviceId: string, replicas: number): Promise<void> => {
  await tx.service.update({ where: { id: serviceId }, data: { replicas, version: { increment: 1 } } });
};

/** The first rollouts of services that took the place of foreign containers say so. */
export const markAdopted = async (tx: Tx, serviceIds: string[]): Promise<void> => {
  await tx.rollout.updateMany({ where: { serviceId: { in: serviceIds } }, data: { cause: 'adopt' } });
};
