import { FINAL_TASK_STATES, type ImagePin, type ServiceSpec } from '@portreeve/domain';
import type { DrainTask } from '@portreeve/planning';
import { placementRequest } from '../placement/request.ts';
import type { Tx } from '../platform/db/database.ts';
import type { TaskVolume } from '../stacks/rows.ts';

/** The tasks of a node that a drain would move, with what each replacement would ask for. */
export const drainTasks = async (db: Tx, nodeId: string): Promise<DrainTask[]> => {
  const tasks = await db.task.findMany({
    where: {
      nodeId,
      desired: 'running',
      state: { notIn: [...FINAL_TASK_STATES] },
    },
    include: {
      service: {
        select: {
          id: true,
          name: true,
          mode: true,
          stack: { select: { project: { select: { path: true } } } },
        },
      },
    },
    orderBy: [{ serviceId: 'asc' }, { slot: 'asc' }],
  });
  const revisions = await db.revision.findMany({
    where: { id: { in: tasks.map(({ revisionId }) => revisionId) } },
    select: { id: true, spec: true, pin: true },
  });
  const revisionOf = new Map(revisions.map((revision) => [revision.id, revision]));
  const volumes = await db.volume.findMany({
    where: {
      id: { in: tasks.flatMap((task) => (task.volumes as TaskVolume[]).map(({ volumeId }) => volumeId)) },
    },
  });
  return tasks.flatMap((task): DrainTask[] => {
    const revision = revisionOf.get(task.revisionId);
    if (!revision) return [];
    const { service } = task;
    const own = volumes.filter(({ id }) =>
      (task.volumes as TaskVolume[]).some(({ volumeId }) => volumeId === id),
    );
    const request = placementRequest({
      taskId: task.id,
      service: { id: service.id, name: service.name, projectPath: service.stack.project.path },
      slot: task.slot,
      spec: revision.spec as ServiceSpec,
      pin: revision.pin as ImagePin,
      volumes: [],
      avoidNodeIds: [],
      freed: [],
      manyNodes: true,
    });
    const localVolumes = own.filter((volume) => volume.nodeId === nodeId).map(({ name }) => name);
    return [{ request, mode: service.mode === 'global' ? 'global' : 'replicated', localVolumes }];
  });
};
