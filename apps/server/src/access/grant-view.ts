import type { GrantView } from '@portreeve/contract';
import { builtInRole } from '@portreeve/domain';
import type { RequestContext } from '../platform/http/context.ts';
import type { GrantRow } from './grants.store.ts';

/** A grant as shown; `at` is the project whose effective grants are listed, where they are. */
export const grantView = (row: GrantRow, ctx: RequestContext, at?: string): GrantView => ({
  id: row.id,
  subject: {
    kind: row.subjectKind,
    id: row.subjectId,
    name: row.subjectName,
    displayName: row.subjectDisplayName,
  },
  role: { id: row.roleId, name: row.roleName, builtIn: builtInRole(row.roleId) !== undefined },
  projectId: row.projectId,
  projectPath: row.projectPath,
  inherited: at !== undefined && row.projectPath !== at,
  endsAt: row.endsAt?.toISOString() ?? null,
  reason: row.reason,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  lastUsedOn: row.lastUsedOn?.toISOString().slice(0, 10) ?? null,
  mayEnd: ctx.may('grant.edit', row.projectPath),
});
