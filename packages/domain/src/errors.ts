/** Stable error codes and the HTTP status each one has. The text of an error may change, its code never. */
export const ERROR_STATUS = {
  'request.invalid': 400,
  'compose.invalid': 422,
  'auth.required': 401,
  'auth.failed': 401,
  /** The password is right, and the code of the authenticator is asked for too. */
  'auth.code-needed': 401,
  'auth.throttled': 429,
  'auth.origin': 403,
  'permission.missing': 403,
  'not-found': 404,
  'request.media-type': 415,
  'method.unknown': 404,
  'method.not-allowed': 405,
  'conflict.version': 409,
  'conflict.name': 409,
  'conflict.state': 409,
  'plan.moved': 409,
  'plan.refused': 422,
  'precondition.required': 428,
  'idempotency.reused': 422,
  'image.unresolvable': 422,
  'registry.unreachable': 502,
  'directory.unavailable': 503,
  'directory.refused': 422,
  'secret.in-use': 409,
  'in-use': 409,
  'node.unreachable': 503,
  'engine.unavailable': 503,
  'stream.expired': 410,
  'join.refused': 403,
  'protocol.incompatible': 426,
  'too-large': 413,
  'database.unavailable': 503,
  'deadline.exceeded': 504,
  internal: 500,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

/** One place in the input that is wrong; `pointer` is a JSON pointer, line and column are 1-based in a file. */
export type ErrorDetail = {
  message: string;
  pointer?: string;
  file?: string;
  line?: number;
  column?: number;
  hint?: string;
};

/**
 * A refusal with a stable code, one sentence that says what is wrong, and the way out. Thrown where a request
 * ends; where the caller must choose what to do next, functions return unions instead.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: ErrorDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { hint?: string; details?: ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'DomainError';
    this.code = code;
    this.hint = more.hint;
    this.details = more.details ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** Ends a switch over a union; fails to compile when a case is missing. */
export const assertExhaustive = (value: never): never => {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
};
