import { composeSchema } from '@portreeve/compose';
import { stackRoutes } from '@portreeve/contract';
import type { Mount } from '../platform/http/http.ts';
import { applyDeploy, type DeployDeps, planDeploy } from './deploy.service.ts';

/** A bundle of 2 MiB, escaped in JSON. */
const BUNDLE_LIMIT = 5 * 1024 * 1024;

/** Plan, apply, versions, remove. */
export const mountStackRoutes = (mount: Mount, deps: DeployDeps): void => {
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
  mount(stackRoutes.schema, () => composeSchema);
};
