import { activityRoutes } from '@portreeve/contract';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { pageOfEvents } from './timeline.store.ts';

/** The timeline; every other page shows its own cut of it. */
export const mountActivityRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  mount(activityRoutes.list, async ({ query, ctx }) => {
    const scope = ctx.scope('activity.read', query.project);
    // The root keeps the story of projects that were removed.
    return pageOfEvents(db, scope.includes('/') ? 'all' : await projectIdsWithin(db, scope), query);
  });
};
