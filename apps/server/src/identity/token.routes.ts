import { sessionRoutes, type TokenView } from '@portreeve/contract';
import { DomainError, isWithin, Permission } from '@portreeve/domain';
import type { z } from 'zod';
import { recordAudit } from '../audit/audit.store.ts';
import { createContext, type RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import {
  DEVICE_GOOD_MS,
  decide,
  findByDevice,
  findWaiting,
  startDevice,
  takeConfirmed,
} from './devices.store.ts';
import type { IdentityDeps } from './session.routes.ts';
import { forgive, takeAttempt, takeStart } from './throttle.store.ts';
import { createToken, pageOfTokens, revokeToken, type TokenRow, tokenEnd } from './tokens.store.ts';
import { getUser } from './users.store.ts';

/** A token as shown, without what proves it. */
export const tokenView = (row: TokenRow): z.input<typeof TokenView> => ({
  id: row.id,
  name: row.name,
  permissions: row.permissions.flatMap((name) => Permission.safeParse(name).data ?? []),
  projectPath: row.projectPath,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});

/** A token can hand on only what it has itself: narrowing is for ever. */
const requireNarrower = (
  ctx: RequestContext,
  wanted: { permissions: readonly Permission[]; projectPath: string },
): void => {
  const own = ctx.subject;
  const within = isWithin(wanted.projectPath, own.projectPath ?? '/');
  const narrower =
    own.permissions === undefined ||
    (wanted.permissions.length > 0 && wanted.permissions.every((each) => own.permissions?.includes(each)));
  if (!within || !narrower)
    throw new DomainError('permission.missing', 'A token cannot make a token that may do more than itself.');
};

const DAY_MS = 86_400_000;
const DEVICE_TOKEN_DAYS = 90;
const DEVICE_ACCOUNT = 'device-code';
const DEVICE_START = 'device-start';

/** Own tokens, and the sign-in of a command line by a code that a person confirms in the browser. */
export const mountTokenRoutes = (mount: Mount, { database }: IdentityDeps): void => {
  // Codes are short: whoever guesses them is slowed down.
  const takeCode = ({ address }: RequestContext) =>
    takeAttempt(database, DEVICE_ACCOUNT, address, new Date());
  mount(
    sessionRoutes.tokens,
    async ({ query, ctx }) => {
      requireOwnTokens(ctx);
      const page = await pageOfTokens(database, ctx.subject.userId, query);
      return { ...page, items: page.items.map(tokenView) };
    },
    { project: 'resolved' },
  );

  mount(
    sessionRoutes.createToken,
    async ({ body, ctx }) => {
      requireOwnTokens(ctx);
      requireNarrower(ctx, body);
      const wanted = new Date(Date.now() + body.expiresInDays * DAY_MS);
      const { secret, row } = await database.transaction(async (tx) => {
        // One that was good for a day does not make itself one that is good for a year.
        const end = await tokenEnd(tx, ctx.subject.tokenId);
        if (end === undefined) throw new DomainError('auth.required', 'This token was revoked meanwhile.');
        const made = await createToken(tx, {
          userId: ctx.subject.userId,
          name: body.name,
          permissions: body.permissions,
          projectPath: body.projectPath,
          expiresAt: end && end < wanted ? end : wanted,
          madeBy: ctx.subject.tokenId,
        });
        await recordAudit(tx, ctx, {
          action: 'token.create',
          object: { kind: 'token', id: made.row.id, name: body.name },
          detail: { permissions: body.permissions, project: body.projectPath, days: body.expiresInDays },
        });
        await database.announce(tx, 'token', [made.row.id]);
        return made;
      });
      return { token: secret, view: tokenView(row) };
    },
    { project: 'resolved' },
  );

  mount(sessionRoutes.revokeToken, async ({ params, ctx }) => {
    requireOwnTokens(ctx);
    await database.transaction(async (tx) => {
      const revoked = await revokeToken(tx, ctx.subject.userId, params.id, new Date());
      if (revoked.length === 0) throw new DomainError('not-found', 'There is no such token of yours.');
      await recordAudit(tx, ctx, {
        action: 'token.revoke',
        object: { kind: 'token', id: params.id },
        detail: { withIt: revoked.filter((id) => id !== params.id) },
      });
      await database.announce(tx, 'token', revoked);
    });
    return null;
  });

  mount(sessionRoutes.deviceStart, async ({ body, ctx }) => {
    const now = new Date();
    await takeStart(database, DEVICE_START, ctx.address, now);
    const { deviceCode, userCode } = await startDevice(database, body.description, ctx.address, now);
    return {
      deviceCode,
      userCode,
      verificationPath: '/device',
      expiresInSeconds: DEVICE_GOOD_MS / 1_000,
      intervalSeconds: 2,
    };
  });

  mount(sessionRoutes.deviceShow, async ({ params, ctx }) => {
    const attempt = await takeCode(ctx);
    const row = await findWaiting(database.prisma, params.code, new Date());
    await forgive(database, attempt);
    return { description: row.description, address: row.address, expiresAt: row.expiresAt.toISOString() };
  });

  mount(sessionRoutes.deviceDecide, async ({ params, body, ctx }) => {
    requireOwnTokens(ctx);
    if (ctx.subject.kind !== 'user')
      throw new DomainError('permission.missing', 'Only a person who is signed in can confirm a code.');
    const attempt = await takeCode(ctx);
    await database.transaction(async (tx) => {
      const row = await findWaiting(tx, params.code, new Date());
      await decide(tx, row.id, ctx.subject.userId, body.confirm ? 'confirmed' : 'refused');
      await recordAudit(tx, ctx, {
        action: 'device.decide',
        detail: { description: row.description, address: row.address, confirmed: body.confirm },
      });
    });
    await forgive(database, attempt);
    return null;
  });

  mount(sessionRoutes.devicePoll, async ({ body, ctx }) => {
    const now = new Date();
    const row = await findByDevice(database, body.deviceCode, now);
    if (row.state === 'waiting') return { state: 'waiting' as const };
    if (row.state !== 'confirmed' || !row.userId) return { state: 'refused' as const };
    const { userId } = row;
    const token = await database.transaction(async (tx) => {
      if (!(await takeConfirmed(tx, row.id))) return undefined;
      const made = await createToken(tx, {
        userId,
        name: row.description || 'command line',
        permissions: [],
        projectPath: '/',
        expiresAt: new Date(now.getTime() + DEVICE_TOKEN_DAYS * DAY_MS),
      });
      const { name } = await getUser(tx, userId);
      const confirmed = createContext({ kind: 'user', userId, name, administrator: false }, ctx);
      await recordAudit(tx, confirmed, {
        action: 'token.create',
        object: { kind: 'token', id: made.row.id, name: made.row.name },
        detail: { code: row.userCode, project: '/', days: DEVICE_TOKEN_DAYS },
      });
      await database.announce(tx, 'token', [made.row.id]);
      return made.secret;
    });
    return token ? { state: 'confirmed' as const, token } : { state: 'refused' as const };
  });
};

/** Own tokens are asked for in the project that the asking token is narrowed to. */
const requireOwnTokens = (ctx: RequestContext): void => ctx.authorize('token.own', ctx.subject.projectPath);
