import type { Permission } from '@portreeve/domain';
import type { RequestContext } from '../platform/http/context.ts';

/**
 * Accounts, teams and roles are of the cluster and lie in no project: whoever may read them in some project, may read
 * which there are. What was granted to them is shown only where one may read grants.
 */
export const requireSomewhere = (ctx: RequestContext, permission: Permission): void => {
  if (ctx.scope(permission, ctx.subject.projectPath).length === 0)
    ctx.authorize(permission, ctx.subject.projectPath);
};
