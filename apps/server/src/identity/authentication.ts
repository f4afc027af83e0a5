import { DomainError } from '@portreeve/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readRights } from '../access/rights.store.ts';
import { NOBODY, type Subject } from '../access/subject.ts';
import type { Database } from '../platform/db/database.ts';
import { createContext, type RequestContext } from '../platform/http/context.ts';
import { type AllowedNames, requireOwnOrigin } from '../platform/http/origin.ts';
import { type FoundSession, findSession, sessionStands } from './sessions.store.ts';
import { findToken, tokenStands } from './tokens.store.ts';
import { getUser } from './users.store.ts';

export const COOKIE = 'portreeve_session';
/** Sent by the page with every request: the session's second secret, and the proof that no other site asks. */
export const PAGE_HEADER = 'x-portreeve-page';

/** What a session may do before the one-time password was replaced. */
const BEFORE_CHANGE = new Set(['session.me', 'session.password', 'session.sign-out']);
const READING = new Set(['GET', 'HEAD']);

export const cookieOptions = (secure: boolean, expires: Date) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure, expires }) as const;

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1];

const byToken = async (
  database: Database,
  token: string,
): Promise<Pick<RequestContext, 'subject' | 'via'>> => {
  const subject = await findToken(database, token, new Date());
  if (subject) return { subject, via: 'token' };
  throw new DomainError('auth.required', 'This token is unknown, expired or revoked.', {
    hint: 'Make another in your account, or sign in with "portreeve login".',
  });
};

const BEFORE_CODES = new Set([...BEFORE_CHANGE, 'second-factor.begin', 'second-factor.confirm']);

type Owed = Pick<FoundSession, 'mustChange' | 'mustSetUpCodes'>;
const requireNothingOwed = ({ mustChange, mustSetUpCodes }: Owed, routeId = ''): void => {
  if (mustChange && !BEFORE_CHANGE.has(routeId))
    throw new DomainError(
      'auth.required',
      'Choose a password of your own first: the one-time password is used up.',
    );
  if (mustSetUpCodes && !BEFORE_CODES.has(routeId))
    throw new DomainError(
      'auth.required',
      'Set up codes of an authenticator first: this cluster asks for them.',
    );
};

/** A cookie without the page's secret is what another page on this host could send. */
const refuseCookieAlone = (method: string): never => {
  if (READING.has(method)) throw new DomainError('auth.required', 'Sign in in this page first.');
  throw new DomainError('auth.origin', 'The request does not come from a page of this console.');
};

/** Who an HTTP request comes from. A bearer token makes the cookie not be looked at. */
export const authenticateRequest =
  (database: Database) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<Pick<RequestContext, 'subject' | 'via'>> => {
    const nobody = { subject: NOBODY, via: 'browser' as const };
    if (request.headers.authorization !== undefined) {
      return byToken(database, bearerOf(request.headers.authorization) ?? '');
    }
    const cookie = request.cookies[COOKIE];
    const page = request.headers[PAGE_HEADER];
    if (!cookie) return nobody;
    if (typeof page !== 'string') return refuseCookieAlone(request.method);
    const found = await findSession(database, cookie, page, { now: new Date(), mayRotate: true });
    if (!found) return nobody;
    requireNothingOwed(found, request.routeOptions.config?.mounted);
    if (found.newCookie)
      reply.setCookie(COOKIE, found.newCookie, cookieOptions(request.protocol === 'https', found.expiresAt));
    return { subject: found.subject, via: 'browser' };
  };

export type SocketHandshake = {
  headers: { host?: string; origin?: string; cookie?: string; authorization?: string };
  /** What the page sent in socket.io's `auth`. */
  auth: { page?: unknown };
  address: string;
};

const cookieOf = (header: string | undefined): string | undefined =>
  header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);

/** Who opens a live socket: our own page with cookie and page secret, or a bearer token, which makes the cookie not count. */
export const authenticateSocket =
  (database: Database, names: AllowedNames) =>
  async (handshake: SocketHandshake): Promise<RequestContext> => {
    const { headers, address } = handshake;
    const token = bearerOf(headers.authorization);
    if (token) return createContext((await byToken(database, token)).subject, { address, via: 'live' });
    requireOwnOrigin(headers.origin, headers.host, names);
    const cookie = cookieOf(headers.cookie);
    const { page } = handshake.auth;
    const found =
      cookie && typeof page === 'string'
        ? await findSession(database, cookie, page, { now: new Date(), mayRotate: false })
        : undefined;
    if (!found) throw new DomainError('auth.required', 'Sign in first.');
    requireNothingOwed(found);
    return createContext(found.subject, { address, via: 'live' });
  };

const stands = async (database: Database, { sessionId, tokenId }: Subject): Promise<boolean> => {
  if (sessionId) return sessionStands(database, sessionId, new Date());
  return tokenId !== undefined && tokenStands(database, tokenId, new Date());
};

/** `subject` with what it may do now; undefined once its session or token has ended. Asked for sockets that stay open. */
export const renew =
  (database: Database) =>
  async (subject: Subject): Promise<Subject | undefined> => {
    if (!(await stands(database, subject))) return undefined;
    const { administrator } = await getUser(database.prisma, subject.userId);
    const { grants: _, allowances: __, ...rest } = subject;
    return {
      ...rest,
      administrator,
      ...(administrator ? {} : await readRights(database.prisma, subject.userId)),
    };
  };
