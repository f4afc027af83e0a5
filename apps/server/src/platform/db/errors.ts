import { DomainError } from '@portreeve/domain';

const RETRY_AFTER_SECONDS = 2;

/** Causes nest: Prisma wraps the adapter's error, which wraps PostgreSQL's. */
function* chain(error: unknown): Generator<Record<string, unknown>> {
  let current = error;
  for (let depth = 0; depth < 6 && typeof current === 'object' && current !== null; depth += 1) {
    const record = current as Record<string, unknown>;
    yield record;
    const meta = record.meta as { driverAdapterError?: unknown } | undefined;
    current = record.cause ?? meta?.driverAdapterError;
  }
}

/** SQLSTATE, Prisma code or node error code of whatever a database call threw; the innermost known one. */
const codesOf = (error: unknown): string[] =>
  [...chain(error)].flatMap((link) =>
    [link.originalCode, link.code].filter((code): code is string => typeof code === 'string'),
  );
const textOf = (error: unknown): string => [...chain(error)].map((link) => link.message ?? '').join(' ');

/** Two transactions stood in each other's way: running the loser again is right. */
export const isSerializationFailure = (error: unknown): boolean =>
  codesOf(error).some((code) => code === '40001' || code === '40P01' || code === 'P2034');

/** The name of the violated unique index or its columns, when that is what went wrong. */
export const isUniqueViolation = (error: unknown): boolean =>
  codesOf(error).some((code) => code === '23505' || code === 'P2002');

/** A value that its type does not have: a text that is no uuid, a day that is not in the calendar. */
export const isInvalidValue = (error: unknown): boolean =>
  codesOf(error).some((code) => /^22[0-9A-Z]{3}$/.test(code) || code === 'P2023');

const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['57P01', '57P02', '57P03', '08000', '08001', '08003', '08006', '25P03', '53300'],
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'],
]);
const LOST_TEXTS =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|connection error|socket hang up/i;
const FULL = new Set(['53100', '53200']);
const READ_ONLY = new Set(['25006']);
const SLOW = new Set(['57014', '55P03', 'P2028']);

/** Says why a database call failed in a sentence a person can act on; undefined when it is not the database's fault. */
export const databaseProblem = (error: unknown): DomainError | undefined => {
  if (error instanceof DomainError) return error;
  const codes = codesOf(error);
  const unavailable = (message: string, hint?: string) =>
    new DomainError('database.unavailable', message, {
      hint,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  if (codes.some((code) => FULL.has(code)))
    return unavailable("The database's disk is full: nothing can be stored.", 'Make room on that disk.');
  if (codes.some((code) => READ_ONLY.has(code)))
    return unavailable(
      'The database is read-only now: it may be a standby.',
      'Point DATABASE_URL at the primary.',
    );
  if (isSerializationFailure(error))
    return unavailable(
      'Too many changes met at the same place in the database: nothing was stored. Try again.',
    );
  if (codes.some((code) => UNREACHABLE.has(code)) || LOST_TEXTS.test(textOf(error)))
    return unavailable(
      'The database does not answer. What runs on the hosts goes on; try again in a moment.',
    );
  if (codes.some((code) => SLOW.has(code)))
    return unavailable('The database took too long and the call was ended: nothing was stored.');
  return undefined;
};

/** The refusal that ends a request while the database is known to be away. */
export const databaseAway = (): DomainError =>
  new DomainError(
    'database.unavailable',
    'The database does not answer. What runs on the hosts goes on; try again in a moment.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );

/** Where a connection string leads, without the password in it. */
const placeOf = (url: string): { place: string; user: string; name: string } => {
  const { hostname, port, username, pathname, searchParams } = new URL(url);
  return {
    place: searchParams.get('host') ?? `${hostname}:${port || 5432}`,
    user: decodeURIComponent(username),
    name: decodeURIComponent(pathname.slice(1)),
  };
};

/** Says why a database cannot be used at a start, when somebody is there to put its address right. */
export const connectProblem = (error: unknown, url: string): DomainError | undefined => {
  if (error instanceof DomainError) return error;
  const { place, user, name } = placeOf(url);
  const codes = codesOf(error);
  const unavailable = (message: string, hint: string) =>
    new DomainError('database.unavailable', message, { hint, cause: error });
  if (codes.some((code) => code.startsWith('28')))
    return unavailable(
      `The database at ${place} does not let ${user} in.`,
      'Correct the name and password in DATABASE_URL and DATABASE_OWNER_URL.',
    );
  if (codes.includes('3D000'))
    return unavailable(`There is no database ${name} at ${place}.`, 'Make it, or correct DATABASE_URL.');
  if (codes.includes('42501'))
    return unavailable(
      `The role ${user} lacks a right in the database ${name} at ${place}: ${(error as Error).message}.`,
      'Name the role that owns the database in DATABASE_OWNER_URL: it makes the tables, and gives the role of DATABASE_URL what that needs.',
    );
  const away = codes.find((code) => UNREACHABLE.has(code) || code === 'ENOTFOUND' || code === 'EAI_AGAIN');
  if (away || LOST_TEXTS.test(textOf(error)))
    return unavailable(
      `The database at ${place} cannot be reached${away ? ` (${away})` : ''}.`,
      'Start it, or correct DATABASE_URL.',
    );
  return databaseProblem(error);
};
