import type { DomainError } from '@portreeve/domain';
import { recordAudit } from '../../audit/audit.store.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { RequestContext } from './context.ts';

/**
 * Audits that somebody was refused for want of a permission, whatever way they came by; other refusals are mistakes
 * and no attempts. Never throws: the refusal stands without its entry too.
 */
export const auditRefusal = async (
  { database, log }: { database: Database; log: Log },
  ctx: RequestContext | undefined,
  action: string,
  error: DomainError,
): Promise<void> => {
  if (!ctx || ctx.subject.kind === 'nobody' || error.code !== 'permission.missing') return;
  await database
    .transaction((tx) =>
      recordAudit(tx, ctx, { action, outcome: 'refused', detail: { reason: error.message } }),
    )
    .catch((cause: unknown) => log.error({ err: cause }, 'a refusal could not be audited'));
};
