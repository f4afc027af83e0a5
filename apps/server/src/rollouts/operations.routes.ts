import { type OperationView, type RolloutSummary, rolloutRoutes } from '@portreeve/contract';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { serviceSummaries } from '../stacks/service-view.ts';
import { type OperationRow, pageOfOperations } from './operations.store.ts';

const rolloutView = (row: OperationRow, rollout: RolloutSummary): OperationView => ({
  id: row.id,
  kind: 'rollout',
  title: `${row.name} to revision ${rollout.toRevision}`,
  text: rollout.state === 'paused' ? `paused: ${rollout.reason}` : rollout.state,
  progress: rollout.slots === 0 ? 1 : rollout.turned / rollout.slots,
  startedAt: rollout.startedAt,
  path: `/rollouts/${row.id}`,
});

const drainView = ({ id, name, left, startedAt }: OperationRow): OperationView => ({
  id,
  kind: 'drain',
  title: `Drain of ${name}`,
  text: `${left} ${left === 1 ? 'task' : 'tasks'} left`,
  progress: 0,
  startedAt: startedAt.toISOString(),
  path: `/nodes/${id}`,
});

/** What is under way now, so that it can be left and found again. */
export const mountOperationRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  mount(rolloutRoutes.operations, async ({ query, ctx }) => {
    const projectIds = await projectIdsWithin(db, ctx.scope('stack.read', query.project));
    const page = await pageOfOperations(db, projectIds, query);
    const services = await serviceSummaries(db, {
      ids: page.items.flatMap(({ serviceId }) => serviceId ?? []),
    });
    const rolloutOf = new Map(services.map(({ id, rollout }) => [id, rollout]));
    const items = page.items.flatMap((row) => {
      if (row.kind === 'drain') return drainView(row);
      const rollout = rolloutOf.get(row.serviceId ?? '');
      return rollout ? rolloutView(row, rollout) : [];
    });
    return { ...page, items };
  });
};
