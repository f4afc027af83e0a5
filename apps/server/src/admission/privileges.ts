import { privilegesOf } from '@portreeve/compose';
import type { Permission, ServiceSpec } from '@portreeve/domain';
import { answerTo } from '../access/authorize.ts';
import { noteUse } from '../access/uses.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { RefusalValue } from './refusal.ts';

/** What is missing for a privilege in a project; undefined when it may be had, which counts as a use of the grant. */
const missingFor = (
  { subject }: RequestContext,
  permission: Permission,
  projectPath: string,
): { hint: string } | undefined => {
  const answer = answerTo(subject, permission, projectPath);
  if (!answer.allowed)
    return answer.why === 'not allowed in project'
      ? {
          hint: `The role ${answer.grant.roleName} has it, but the project does not allow it: a cluster administrator can, in the settings of ${projectPath}; or change the service so that it does without.`,
        }
      : {
          hint: 'Ask an administrator for the permission, or change the service so that it does without.',
        };
  if (typeof answer.through !== 'string') noteUse(answer.through.id, permission);
  return undefined;
};

/** What of a spec reaches the host and the caller may not, as refusals for a plan. */
export const privilegeRefusals = (
  ctx: RequestContext,
  projectPath: string,
  service: string,
  spec: ServiceSpec,
): RefusalValue[] =>
  privilegesOf(spec).flatMap(({ permission, because }) => {
    const missing = missingFor(ctx, permission, projectPath);
    if (!missing) return [];
    const message = `${service} needs the permission ${permission} in ${projectPath}, because ${because}.`;
    return [{ ...{ service, code: 'permission.missing', message, permission }, ...missing }];
  });

/**
 * Asked on every way by which a spec comes to run: create, update, undo, scale, start, restart, re-pull, webhook.
 * Throws `permission.missing`.
 */
export const requirePrivileges = (
  ctx: RequestContext,
  projectPath: string,
  service: string,
  spec: ServiceSpec,
): void => {
  for (const { permission, because } of privilegesOf(spec))
    ctx.authorize(permission, projectPath, `${service}, because ${because}`);
};
