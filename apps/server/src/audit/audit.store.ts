import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { carryOut } from '../platform/http/idempotency.store.ts';

export type AuditRecord = {
  /** `noun.verb`, e.g. `stack.apply`. */
  action: string;
  object?: { kind: string; id?: string; name?: string };
  projectPath?: string;
  outcome?: 'done' | 'refused' | 'failed';
  /** Never a secret, a token, a password or a value of an environment. */
  detail?: Prisma.InputJsonObject;
};

/**
 * Writes the entry in the action's own transaction: no action without entry, no entry without action. A handler
 * that never asked for a permission cannot write one, and so cannot commit. The request's `Idempotency-Key` is settled
 * with it.
 */
export const recordAudit = async (tx: Tx, ctx: RequestContext, record: AuditRecord): Promise<void> => {
  const ownAccount = /^(session|token|device)\./.test(record.action);
  if (!ctx.authorized() && !ownAccount && record.outcome !== 'refused')
    throw new DomainError(
      'internal',
      `The action ${record.action} was taken without asking for a permission.`,
    );
  await tx.auditEntry.create({
    data: {
      id: uuid(),
      actorKind: ctx.subject.kind,
      actorId: ctx.subject.userId || null,
      actorName: ctx.subject.name,
      via: ctx.via,
      address: ctx.address,
      action: record.action,
      objectKind: record.object?.kind ?? null,
      objectId: record.object?.id ?? null,
      objectName: record.object?.name ?? null,
      projectPath: record.projectPath ?? null,
      outcome: record.outcome ?? 'done',
      detail: record.detail ?? {},
      // Of what was asked before the refusal, none of the refusal.
      grantId: record.outcome === 'refused' ? null : (ctx.through() ?? null),
    },
  });
  ctx.noteAudit();
  if (ctx.heldKey && (record.outcome ?? 'done') === 'done') await carryOut(tx, ctx.heldKey);
};
