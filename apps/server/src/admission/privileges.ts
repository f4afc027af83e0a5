import { privilegesOf } from '@portreeve/compose';
import type { ServiceSpec } from '@portreeve/domain';
import type { RequestContext } from '../platform/http/context.ts';
import type { RefusalValue } from './refusal.ts';

/** What of a spec reaches the host and the caller may not, as refusals for a plan. */
export const privilegeRefusals = (
  ctx: RequestContext,
  projectPath: string,
  service: string,
  spec: ServiceSpec,
): RefusalValue[] =>
  privilegesOf(spec)
    .filter(({ permission }) => !ctx.may(permission, projectPath))
    .map(({ permission, because }) => ({
      service,
      code: 'permission.missing',
      message: `${service} needs the permission ${permission} in ${projectPath}, because ${because}.`,
      hint: 'Ask an administrator for the permission, or change the service so that it does without.',
      permission,
    }));

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
