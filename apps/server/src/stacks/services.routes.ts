import type { ServiceSummary } from '@portreeve/contract';
import { rolloutRoutes, serviceRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { rolloutView } from '../rollouts/rollout-view.ts';
import { steerRollout } from '../rollouts/steering.service.ts';
import type { DeployDeps } from './deploy.service.ts';
import {
  repullService,
  restartService,
  rollService,
  scaleService,
  startService,
  stopService,
} from './operations.service.ts';
import { matches, pageOfAll, type Sorts } from './page.ts';
import type { RevisionCache } from './revision-cache.ts';
import { serviceDetail } from './service-detail.ts';
import { worstFirst } from './service-state.ts';
import { serviceSummaries } from './service-view.ts';

const SORTS: Sorts<ServiceSummary> = {
  name: ({ stackName, name }) => `${stackName}/${name}`,
  state: ({ state, stackName, name }) => worstFirst(state, `${stackName}/${name}`),
  changedAt: ({ changedAt }) => changedAt,
  image: ({ image }) => image,
  ready: ({ count }) => count.ready,
};

/** Services: lists, one in depth, and every way to change one. */
export const mountServiceRoutes = (mount: Mount, deps: DeployDeps, revisionsOf: RevisionCache): void => {
  const db = deps.database.prisma;
  mount(serviceRoutes.list, async ({ query, ctx }) => {
    const projectIds = await projectIdsWithin(db, ctx.scope('stack.read', query.project));
    const all = await serviceSummaries(db, { projectIds });
    const wanted = all.filter(
      (one) =>
        matches(query.search, one.name, one.stackName, one.image) &&
        (!query.stack || one.stackId === query.stack || one.stackName === query.stack) &&
        (!query.state || query.state.split(',').includes(one.state)) &&
        matches(query.image, one.image, one.digest ?? ''),
    );
    return pageOfAll(wanted, query, SORTS, 'name');
  });
  mount(serviceRoutes.get, ({ params, ctx }) => serviceDetail(db, revisionsOf, ctx, params.id));
  mount(serviceRoutes.scale, ({ params, body, ctx }) => scaleService(deps, ctx, params.id, body.replicas));
  mount(serviceRoutes.roll, ({ params, body, ctx }) => rollService(deps, ctx, params.id, body.revision));
  mount(serviceRoutes.restart, ({ params, ctx }) => restartService(deps, ctx, params.id));
  mount(serviceRoutes.repull, ({ params, ctx }) => repullService(deps, ctx, params.id));
  mount(serviceRoutes.stop, ({ params, ctx }) => stopService(deps, ctx, params.id));
  mount(serviceRoutes.start, ({ params, ctx }) => startService(deps, ctx, params.id));
  mount(rolloutRoutes.get, ({ params, ctx }) => rolloutView(db, revisionsOf, ctx, params.id));
  for (const action of ['pause', 'resume', 'abort'] as const)
    mount(rolloutRoutes[action], async ({ params, ctx }) => {
      const serviceId = await steerRollout(deps, ctx, params.id, action);
      const [summary] = await serviceSummaries(db, { ids: [serviceId] });
      if (!summary?.rollout) throw new DomainError('not-found', 'There is no such rollout.');
      return summary.rollout;
    });
};
