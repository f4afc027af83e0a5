import { rolloutRoutes } from '@portreeve/contract';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { serviceSummaries } from '../stacks/service-view.ts';
import { activeServices, drainsUnderWay } from './operations.store.ts';

/** What is under way now, so that it can be left and found again. */
export const mountOperationRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  mount(rolloutRoutes.operations, async ({ query }) => {
    const projectIds = await projectIdsWithin(db, query.project ?? '/');
    const active = await activeServices(db, projectIds, query.limit);
    const services = await serviceSummaries(db, { ids: active });
    const rollouts = services.flatMap(({ name, stackName, rollout }) =>
      rollout
        ? {
            id: rollout.id,
            kind: 'rollout' as const,
            title: `${stackName}/${name} to revision ${rollout.toRevision}`,
            text: rollout.state === 'paused' ? `paused: ${rollout.reason}` : rollout.state,
            progress: rollout.slots === 0 ? 1 : rollout.turned / rollout.slots,
            startedAt: rollout.startedAt,
            path: `/rollouts/${rollout.id}`,
          }
        : [],
    );
    const drains = await drainsUnderWay(db, projectIds);
    return {
      items: [
        ...rollouts,
        ...drains.map(({ id, name, left, since }) => ({
          id,
          kind: 'drain' as const,
          title: `Drain of ${name}`,
          text: `${left} ${left === 1 ? 'task' : 'tasks'} left`,
          progress: 0,
          startedAt: since.toISOString(),
          path: `/nodes/${id}`,
        })),
      ],
    };
  });
};
