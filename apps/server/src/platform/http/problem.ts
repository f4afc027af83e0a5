import type { Problem, SocketRefusal } from '@portreeve/contract';
import { DomainError, ERROR_STATUS, type ErrorCode } from '@portreeve/domain';
import type { FastifyReply } from 'fastify';
import { databaseProblem } from '../db/errors.ts';

const TITLES: Partial<Record<ErrorCode, string>> = {
  'request.invalid': 'The request is not valid',
  'auth.required': 'Not signed in',
  'permission.missing': 'Not permitted',
  'not-found': 'Not found',
  'request.media-type': 'The body is not JSON',
  'method.unknown': 'There is no such operation',
  'method.not-allowed': 'There is no such operation here',
  'database.unavailable': 'The database is away',
  internal: 'Something broke on our side',
};

/** The way out of a refusal that names none of its own. What is left out says it in its sentence. */
const WAYS_OUT: Partial<Record<ErrorCode, string>> = {
  'not-found': 'It may have been removed, or belong to another project: look for it in its list.',
  'auth.failed': 'Check it and try once more.',
  'auth.origin': 'Open the console by its own address and do it there.',
  'conflict.name': 'Choose another name, or change the one that is there.',
  'conflict.state': 'Load it again: its page says what is going on and what can be done now.',
  'conflict.version': 'Load it again and repeat your change.',
  'plan.refused': 'Mend what the sentence names, then plan it again.',
  'image.unresolvable': 'Check its name and tag, and the credentials of its registry in Settings.',
  'registry.unreachable': 'See that it runs and that this server reaches it, then try again.',
  'node.unreachable': 'See on the page of the node why it is away, then try again.',
  'engine.unavailable': 'Look at the engine on that host, then try again.',
  'deadline.exceeded': 'Try again in a moment; the page of the node says whether it answers.',
  'database.unavailable': 'Nothing that runs is stopped by it; try again when it is back.',
  'too-large': 'Send less at once.',
  internal: 'Try again; if it stays so, report it with the request’s id, which the log has too.',
};

/** Errors of the HTTP layer itself: sizes, syntax, content types. */
const httpError = (error: {
  statusCode?: number;
  code?: string;
  message?: string;
}): DomainError | undefined => {
  if (error.statusCode === 413) return new DomainError('too-large', 'The body of the request is too large.');
  if (error.statusCode === undefined || error.statusCode >= 500 || error.statusCode < 400) return undefined;
  if (error.statusCode === 415)
    return new DomainError('request.media-type', 'The body must be JSON, sent as application/json.');
  return new DomainError('request.invalid', `The request cannot be read: ${error.message ?? 'bad syntax'}.`);
};

/** What went wrong, as a refusal with a stable code; what nobody foresaw becomes `internal` and says nothing of itself. */
export const toDomainError = (error: unknown): DomainError =>
  databaseProblem(error) ??
  httpError((error ?? {}) as Parameters<typeof httpError>[0]) ??
  new DomainError('internal', 'Something broke on our side; the log of the server says what.', {
    cause: error,
  });

const wayOut = (error: DomainError): string | undefined => error.hint ?? WAYS_OUT[error.code];

/** The same refusal where a socket answers. */
export const toSocketRefusal = (error: DomainError): SocketRefusal => {
  const hint = wayOut(error);
  return { code: error.code, message: error.message, ...(hint && { hint }) };
};

/** The RFC 9457 document of a refusal. */
export const toProblem = (error: DomainError, instance?: string): Problem => {
  const hint = wayOut(error);
  return {
    type: `urn:portreeve:error:${error.code}`,
    title: TITLES[error.code] ?? error.message,
    status: ERROR_STATUS[error.code],
    code: error.code,
    detail: error.message,
    ...(hint ? { hint } : {}),
    ...(instance ? { instance } : {}),
    errors: error.details,
  };
};

/** Ends a request with a refusal, the same way on every listener. */
export const sendProblem = (reply: FastifyReply, error: DomainError): FastifyReply => {
  if (error.retryAfterSeconds) reply.header('retry-after', String(error.retryAfterSeconds));
  // HTTP asks for it with each 401. Browsers show no dialog of their own for a bearer.
  if (ERROR_STATUS[error.code] === 401) reply.header('www-authenticate', 'Bearer realm="portreeve"');
  return reply
    .code(ERROR_STATUS[error.code])
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(toProblem(error, reply.request.id)));
};
