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

type Plain = string | number | boolean | string[];

/** Before and after of what a change asks for, without what stays as it is. */
export const changedIn = (
  row: ProjectRow,
  wish: Wish & {
    displayName?: string | undefined;
    portFrom?: number | undefined;
    portTo?: number | undefined;
  },
): { before: Record<string, Plain>; after: Record<string, Plain> } => {
  const entries = Object.entries(wish).flatMap(([key, after]) => {
    const before = row[key as keyof ProjectRow] as Plain;
    if (after === undefined || JSON.stringify(before) === JSON.stringify(after)) return [];
    return [[key, before, after as Plain] as const];
  });
  return {
    before: Object.fromEntries(entries.map(([key, before]) => [key, before])),
    after: Object.fromEntries(entries.map(([key, , after]) => [key, after])),
  };
};
