import { sessionRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { recordAudit } from '../audit/audit.store.ts';
import type { Database } from '../platform/db/database.ts';
import { createContext, type RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { COOKIE, cookieOptions } from './authentication.ts';
import type { SignInDeps } from './directories/sign-in.service.ts';
import { readMe } from './me.ts';
import { type SecondFactor, spendCode } from './second-factor.store.ts';
import { hashPassword, verifyPassword } from './secrets.ts';
import { endSessions, pageOfSessions, startSession } from './sessions.store.ts';
import { forgive, takeAttempt, takeBack } from './throttle.store.ts';
import { revokeToken } from './tokens.store.ts';
import { changeUser, getUser, spendOneTimePassword } from './users.store.ts';
import { refuseSignIn, whoSignsIn } from './who-signs-in.ts';

export type IdentityDeps = { database: Database; clusterId: string; keys: ClusterKeys };

/** True when no code is asked of the account, or this one is right; throws `auth.code-needed` without one. */
const passesCode = async (
  { database, keys }: Pick<IdentityDeps, 'database' | 'keys'>,
  user: SecondFactor,
  code: string | undefined,
): Promise<boolean> => {
  if (user.totpSince === null) return true;
  if (code === undefined)
    throw new DomainError('auth.code-needed', 'This account asks for a code of its authenticator too.', {
      hint: 'A recovery code does as well, once.',
    });
  return database.transaction((tx) => spendCode(tx, keys, user, code, new Date()));
};

/** A token is nobody's browser: it neither ends sessions nor sees them. Returns the asking session's id. */
const requirePerson = ({ subject }: RequestContext): string => {
  if (subject.kind === 'user' && subject.sessionId) return subject.sessionId;
  throw new DomainError('permission.missing', 'Only a person who is signed in can do that, not a token.');
};

/** However narrow a token is, it may end itself, and with it those that it made. */
const revokeOwnToken = async (database: Database, ctx: RequestContext, tokenId: string): Promise<null> => {
  await database.transaction(async (tx) => {
    const revoked = await revokeToken(tx, ctx.subject.userId, tokenId, new Date());
    await recordAudit(tx, ctx, {
      action: 'token.revoke',
      object: { kind: 'token', id: tokenId },
      detail: { withIt: revoked.filter((id) => id !== tokenId) },
    });
    await database.announce(tx, 'token', revoked);
  });
  return null;
};

/** Sign-in and out, own account and own sessions. */
export const mountSessionRoutes = (
  mount: Mount,
  { database, clusterId, keys, directories }: IdentityDeps & { directories: SignInDeps },
): void => {
  mount(sessionRoutes.signIn, async ({ body, ctx, http }) => {
    const attempt = await takeAttempt(database, body.name, ctx.address, new Date());
    const user = await whoSignsIn({ database, directories }, body, ctx, http).catch(async (error) => {
      if (error instanceof DomainError && error.code === 'directory.unavailable')
        await takeBack(database, attempt);
      throw error;
    });
    if (!(await passesCode({ database, keys }, user, body.code)))
      return refuseSignIn(database, ctx, { name: body.name });
    await forgive(database, attempt);

    const now = new Date();
    const userAgent = http?.request.headers['user-agent'] ?? '';
    const subject = {
      kind: 'user',
      userId: user.id,
      name: user.name,
      administrator: user.administrator,
    } as const;
    const session = await database.transaction(async (tx) => {
      if (user.mustChange && !(await spendOneTimePassword(tx, user))) return undefined;
      const made = await startSession(tx, user.id, { address: ctx.address, userAgent }, now);
      const signedIn = createContext({ ...subject, sessionId: made.sessionId }, ctx);
      await recordAudit(tx, signedIn, {
        action: 'session.sign-in',
        object: { kind: 'user', id: user.id, name: user.name },
      });
      await database.announce(tx, 'session', [user.id]);
      return made;
    });
    if (!session) return refuseSignIn(database, ctx, { name: body.name });
    const secure = http?.request.protocol === 'https';
    http?.reply.setCookie(COOKIE, session.cookie, cookieOptions(secure, session.expiresAt));
    return { me: await readMe(database, clusterId, subject), pageSecret: session.pageSecret };
  });

  mount(sessionRoutes.signOut, async ({ ctx, http }) => {
    const { tokenId } = ctx.subject;
    if (tokenId !== undefined) return revokeOwnToken(database, ctx, tokenId);
    const sessionId = requirePerson(ctx);
    await database.transaction(async (tx) => {
      await endSessions(tx, ctx.subject.userId, { only: sessionId }, new Date());
      await recordAudit(tx, ctx, { action: 'session.sign-out' });
      await database.announce(tx, 'session', [ctx.subject.userId]);
    });
    http?.reply.clearCookie(COOKIE, { path: '/' });
    return null;
  });

  mount(sessionRoutes.me, ({ ctx }) => readMe(database, clusterId, ctx.subject));

  mount(sessionRoutes.preferences, async ({ body, ctx }) => {
    requirePerson(ctx);
    if (JSON.stringify(body).length > 16_384)
      throw new DomainError('too-large', 'Preferences end at 16 KiB.');
    await database.transaction(async (tx) => {
      await changeUser(tx, ctx.subject.userId, { preferences: body as object });
      await recordAudit(tx, ctx, { action: 'session.preferences', detail: { names: Object.keys(body) } });
    });
    return readMe(database, clusterId, ctx.subject);
  });

  mount(sessionRoutes.password, async ({ body, ctx }) => {
    if (ctx.subject.kind !== 'user')
      throw new DomainError('permission.missing', 'A token cannot change the password: sign in for that.');
    const user = await getUser(database.prisma, ctx.subject.userId);
    const attempt = await takeAttempt(database, user.name, ctx.address, new Date());
    if (!(await verifyPassword(user.passwordHash, body.current)))
      throw new DomainError('auth.failed', 'The present password is wrong.');
    await forgive(database, attempt);
    if (body.next === body.current)
      throw new DomainError('request.invalid', 'The new password must differ from the present one.');
    const passwordHash = await hashPassword(body.next);
    await database.transaction(async (tx) => {
      await changeUser(tx, user.id, { passwordHash, mustChange: false });
      await endSessions(tx, user.id, { except: ctx.subject.sessionId }, new Date());
      await recordAudit(tx, ctx, { action: 'session.password' });
      await database.announce(tx, 'session', [user.id]);
    });
    return readMe(database, clusterId, ctx.subject);
  });

  mount(sessionRoutes.sessions, async ({ query, ctx }) => {
    const sessionId = requirePerson(ctx);
    const page = await pageOfSessions(database, ctx.subject.userId, query, new Date());
    return {
      ...page,
      items: page.items.map((row) => ({
        id: row.id,
        current: row.id === sessionId,
        createdAt: row.createdAt.toISOString(),
        seenAt: row.seenAt.toISOString(),
        expiresAt: row.expiresAt.toISOString(),
        address: row.address,
        userAgent: row.userAgent,
      })),
    };
  });

  const end = (ctx: RequestContext, which: { only?: string; except?: string }) =>
    database.transaction(async (tx) => {
      const ended = await endSessions(tx, ctx.subject.userId, which, new Date());
      if (which.only !== undefined && ended.length === 0)
        throw new DomainError('not-found', 'There is no such session of yours.');
      await recordAudit(tx, ctx, { action: 'session.end', detail: { sessions: ended } });
      await database.announce(tx, 'session', [ctx.subject.userId]);
      return null;
    });
  mount(sessionRoutes.endSession, ({ params, ctx }) => {
    requirePerson(ctx);
    return end(ctx, { only: params.id });
  });
  mount(sessionRoutes.endOthers, ({ ctx }) => end(ctx, { except: requirePerson(ctx) }));
};
