import type { Tx } from '../platform/db/database.ts';

export const findNode = (db: Tx, id: string) =>
  db.node.findFirst({ where: { id, removedAt: null }, include: { project: true } });

/** A volume of the stack is from now on the one that the engine of that node knows by this name. */
export const adoptVolume = async (tx: Tx, id: string, engineName: string, nodeId: string): Promise<void> => {
  await tx.volume.updateMany({ where: { id }, data: { engineName, nodeId } });
};

export const setReplicas = async (tx: Tx, serviceId: string, replicas: number): Promise<void> => {
  await tx.service.update({ where: { id: serviceId }, data: { replicas, version: { increment: 1 } } });
};

/** The first rollouts of services that took the place of foreign containers say so. */
export const markAdopted = async (tx: Tx, serviceIds: string[]): Promise<void> => {
  await tx.rollout.updateMany({ where: { serviceId: { in: serviceIds } }, data: { cause: 'adopt' } });
};
