import { composeSchema } from '@portreeve/compose';
import { nodeRoutes, type StackSummary, stackRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Mount } from '../platform/http/http.ts';
import { getProject, projectIdsWithin } from '../projects/projects.store.ts';
import { applyDeploy, type DeployDeps, planDeploy } from './deploy.service.ts';
import { createStackFiles, valuesContext } from './file-cache.ts';
import { findStackVersion, pageOfStackVersions } from './history.store.ts';
import { matches, pageOfAll, type Sorts } from './page.ts';
import { removeStack } from './remove.service.ts';
import { worstFirst } from './service-state.ts';
import { findVersion, projectOfStack } from './stack-rows.store.ts';
import { stackDetail, stackSummaries } from './stack-view.ts';
import { takeOver } from './take-over.service.ts';
import { openFiles, shownFiles } from './version-files.ts';

/** A bundle of 2 MiB, escaped in JSON. */
const BUNDLE_LIMIT = 5 * 1024 * 1024;

const SORTS: Sorts<StackSummary> = {
  name: ({ name }) => name,
  project: ({ projectPath }) => projectPath,
  state: ({ state, name }) => worstFirst(state, name),
  changedAt: ({ changedAt }) => changedAt,
  services: ({ services }) => services,
};

/** Plan, apply, versions, remove, and how stacks stand. */
export const mountStackRoutes = (mount: Mount, deps: DeployDeps): void => {
  const { database, keys } = deps;
  const db = database.prisma;
  const files = createStackFiles(keys, (id) => findVersion(db, id));
  const detailDeps = { db, keys, files };

  mount(stackRoutes.list, async ({ query, ctx }) => {
    const all = await stackSummaries(
      db,
      files,
      await projectIdsWithin(db, ctx.scope('stack.read', query.project)),
    );
    const wanted = all.filter(
      (one) =>
        matches(query.search, one.name, one.projectPath) &&
        (!query.state || query.state.split(',').includes(one.state)),
    );
    return pageOfAll(wanted, query, SORTS, 'state');
  });
  mount(stackRoutes.get, ({ params, ctx }) => stackDetail(detailDeps, ctx, { id: params.id }));
  mount(stackRoutes.find, async ({ params, query, ctx }) => {
    const project = await getProject(db, query.project);
    return stackDetail(detailDeps, ctx, { projectId: project.id, name: params.name });
  });
  mount(
    stackRoutes.plan,
    ({ params, query, body, ctx }) =>
      planDeploy(deps, ctx, {
        project: query.project,
        name: params.name,
        sent: body,
        draft: query.draft === 'yes',
      }),
    { project: 'query', bodyLimitBytes: BUNDLE_LIMIT },
  );
  mount(
    stackRoutes.apply,
    ({ params, query, body, ctx }) =>
      applyDeploy(deps, ctx, {
        project: query.project,
        name: params.name,
        planId: body.plan,
        sent: body.application,
      }),
    { project: 'query', bodyLimitBytes: BUNDLE_LIMIT },
  );
  const authorizeStack = async (
    id: string,
    ctx: Parameters<typeof stackDetail>[1],
    permission: 'stack.read' | 'service.env.read',
  ) => {
    ctx.authorize(permission, await projectOfStack(db, id));
  };
  mount(stackRoutes.versions, async ({ params, query, ctx }) => {
    await authorizeStack(params.id, ctx, 'stack.read');
    const page = await pageOfStackVersions(db, params.id, query);
    const items = page.items.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
    return { ...page, items };
  });
  mount(stackRoutes.version, async ({ params, ctx }) => {
    await authorizeStack(params.id, ctx, 'service.env.read');
    const row = await findStackVersion(db, params.id, params.number);
    if (!row) throw new DomainError('not-found', `The stack has no version ${params.number}.`);
    const values = JSON.parse(keys.unseal(row.sealedValues, valuesContext(row.id))) as Record<string, string>;
    return {
      number: row.number,
      entry: row.entry,
      ...shownFiles(openFiles(keys, row)),
      valueNames: Object.keys(values),
      profiles: row.profiles,
      appliedBy: row.appliedBy,
      createdAt: row.createdAt.toISOString(),
    };
  });
  mount(stackRoutes.remove, async ({ params, query, ctx }) => {
    await removeStack(database, ctx, params.id, query.volumes);
    return null;
  });
  mount(
    nodeRoutes.takeOver,
    async ({ params, query, body, ctx }) => {
      const { composeProject, stackName, application: sent } = body;
      const request = { nodeId: params.id, project: query.project, composeProject, stackName, sent };
      return { stackId: await takeOver(deps, ctx, request) };
    },
    { bodyLimitBytes: BUNDLE_LIMIT },
  );
  mount(stackRoutes.schema, () => composeSchema);
};
