import type { Problem } from '@portreeve/contract';
import { DomainError, ERROR_STATUS, type ErrorCode } from '@portreeve/domain';
import type { FastifyReply } from 'fastify';
import { databaseProblem } from '../db/errors.ts';

const TITLES: Partial<Record<ErrorCode, string>> = {
  'request.invalid': 'The request is not valid',
  'auth.required': 'Not signed in',
  'permission.missing': 'Not permitted',
  'not-found': 'Not found',
  'method.unknown': 'There is no such operation',
  'database.unavailable': 'The database is away',
  internal: 'Something broke on our side',
};

/** Errors of the HTTP layer itself: sizes, syntax, content types. */
const httpError = (error: {
  statusCode?: number;
  code?: string;
  message?: string;
}): DomainError | undefined => {
  if (error.statusCode === 413) return new DomainError('too-large', 'The body of the request is too large.');
  if (error.statusCode === undefined || error.statusCode >= 500 || error.statusCode < 400) return undefined;
  const message =
    error.statusCode === 415
      ? 'The body must be JSON, sent as application/json.'
      : `The request cannot be read: ${error.message ?? 'bad syntax'}.`;
  return new DomainError('request.invalid', message);
};

/** What went wrong, as a refusal with a stable code; what nobody foresaw becomes `internal` and says nothing of itself. */
export const toDomainError = (error: unknown): DomainError =>
  databaseProblem(error) ??
  httpError((error ?? {}) as Parameters<typeof httpError>[0]) ??
  new DomainError('internal', 'Something broke on our side; the log of the server says what.', {
    cause: error,
  });

/** The RFC 9457 document of a refusal. */
const toProblem = (error: DomainError, instance?: string): Problem => ({
  type: `urn:portreeve:error:${error.code}`,
  title: TITLES[error.code] ?? error.message,
  status: ERROR_STATUS[error.code],
  code: error.code,
  detail: error.message,
  ...(error.hint ? { hint: error.hint } : {}),
  ...(instance ? { instance } : {}),
  errors: error.details,
});

/** Ends a request with a refusal, the same way on every listener. */
export const sendProblem = (reply: FastifyReply, error: DomainError): FastifyReply => {
  if (error.retryAfterSeconds) reply.header('retry-after', String(error.retryAfterSeconds));
  return reply
    .code(ERROR_STATUS[error.code])
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(toProblem(error, reply.request.id)));
};
