import { DomainError, type ServiceSpec } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { FilePin } from '../stacks/rows.ts';
import { specOnHost } from './host-mounts.store.ts';
import { hostPortRefusals } from './host-ports.ts';
import { portPolicyOf } from './port-policy.store.ts';
import { requirePrivileges } from './privileges.ts';

/**
 * What a revision asks of its host is judged anew, on every way by which it comes to run: undo, scale, start, restart,
 * re-pull, webhook, resume, a new secret, a take-over. Throws `permission.missing` or `plan.refused`.
 */
export const admitSpec = async (
  db: Tx,
  ctx: RequestContext,
  { project, name }: { project: { path: string }; name: string },
  revision: { spec: ServiceSpec; filePins: readonly FilePin[] },
): Promise<void> => {
  const spec = await specOnHost(db, revision);
  requirePrivileges(ctx, project.path, name, spec);
  if (spec.ports.length === 0) return;
  const [refusal] = hostPortRefusals(name, spec, await portPolicyOf(db, project.path));
  if (refusal) throw new DomainError(refusal.code, refusal.message, { hint: refusal.hint });
};
