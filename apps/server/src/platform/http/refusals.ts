import { DomainError, type ErrorCode } from '@portreeve/domain';
import { recordAudit } from '../../audit/audit.store.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { RequestContext } from './context.ts';

/** Refused by a right, a policy or a secret: somebody wanted something that is not to be. The others are mistakes. */
const ATTEMPTS: ReadonlySet<ErrorCode> = new Set([
  'permission.missing',
  'plan.refused',
  'image.unresolvable',
  'auth.failed',
]);

/**
 * Audits that somebody known was refused what they tried, whatever way they came by. Never throws: the refusal stands
 * without its entry too.
 */
export const auditRefusal = async (
  { database, log }: { database: Database; log: Log },
  ctx: RequestContext | undefined,
  action: string,
  error: DomainError,
): Promise<void> => {
  const refusal = error.cause instanceof DomainError ? error.cause : error;
  if (!ctx || ctx.subject.kind === 'nobody' || !ATTEMPTS.has(refusal.code)) return;
  const projectPath = ctx.askedIn();
  await database
    .transaction((tx) =>
      recordAudit(tx, ctx, {
        ...{ action, outcome: 'refused', detail: { reason: refusal.message } },
        ...(projectPath !== undefined && { projectPath }),
      }),
    )
    .catch((cause: unknown) => log.error({ err: cause }, 'a refusal could not be audited'));
};
