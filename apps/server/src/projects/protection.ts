import { DomainError } from '@portreeve/domain';
import { isUnbound } from '../access/hand-on.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { ProjectRow } from './projects.store.ts';

type Wish = {
  hostPrivileges?: readonly string[] | undefined;
  ownNodesOnly?: boolean | undefined;
  recordTerminals?: boolean | undefined;
};

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each) => other.includes(each));

/**
 * What protects hosts and others from a project is not the project's own to lift: privileges of the host are allowed
 * by a cluster administrator at the root alone; confinement and recording end by who may edit the project above.
 */
export const requireProtectionChange = (ctx: RequestContext, row: ProjectRow, wish: Wish): void => {
  if (wish.hostPrivileges && !same(wish.hostPrivileges, row.hostPrivileges) && !isUnbound(ctx.subject))
    throw new DomainError(
      'permission.missing',
      `Only a cluster administrator at the root can change which privileges of the host ${row.path} allows.`,
      { hint: 'Ask one; each such privilege is a way to become root on the hosts of the project.' },
    );
  const above = row.path.slice(0, row.path.lastIndexOf('/')) || '/';
  if (row.ownNodesOnly && wish.ownNodesOnly === false)
    ctx.authorize('project.edit', above, 'letting tasks run on the hosts above the project');
  if (row.recordTerminals && wish.recordTerminals === false)
    ctx.authorize('project.edit', above, 'ending the recording of terminals');
};
