import { rolloutRoutes } from '@portreeve/contract';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { serviceSummaries } from '../stacks/service-view.ts';

type DrainRow = { id: string; name: string; left: number; since: Date };

/** What is under way now, so that it can be left and found again. */
export const mountOperationRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  mount(rolloutRoutes.operations, async ({ query }) => {
    const projectIds = await projectIdsWithin(db, query.project ?? '/');
    const active = await db.rollout.findMany({
      where: {
        state: { in: ['running', 'paused', 'rolling back'] },
        service: { removedAt: null, stack: { projectId: { in: projectIds } } },
      },
      select: { serviceId: true },
      take: query.limit,
    });
    const services = await serviceSummaries(db, { ids: active.map(({ serviceId }) => serviceId) });
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
    const drains = await db.$queryRaw<DrainRow[]>`
      SELECT n.id, n.name, count(t.id)::int AS left, coalesce((SELECT max(e.at) FROM "Event" e
        WHERE e."nodeId" = n.id AND e.kind LIKE 'node.drain%'), n."joinedAt") AS since
      FROM "Node" n JOIN "Task" t ON t."nodeId" = n.id AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
      WHERE n.availability = 'draining' AND n."removedAt" IS NULL AND n."projectId" = ANY(${projectIds}::uuid[]) GROUP BY n.id`;
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
