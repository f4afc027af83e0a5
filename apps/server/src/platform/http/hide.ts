import { DomainError } from '@portreeve/domain';
import type { RequestContext } from './context.ts';

/**
 * What somebody may not see does not exist for them: neither the refusal nor its words differ from those for a thing
 * that is not there. The refusal itself goes along as the cause, for the audit.
 */
export const hideRefusal = (ctx: RequestContext, error: DomainError): DomainError => {
  if (ctx.subject.administrator || (ctx.subject.kind !== 'user' && ctx.subject.kind !== 'token'))
    return error;
  const unseen = error.code === 'permission.missing' && ctx.hides();
  const unasked = error.code === 'not-found' && !ctx.authorized();
  if (!unseen && !unasked) return error;
  return new DomainError('not-found', 'There is no such thing, or you may not see it.', {
    hint: 'Ask whoever runs the project; "What may I do" in your account lists where you may do what.',
    cause: error,
  });
};
