import { secondFactorRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { recordAudit } from '../audit/audit.store.ts';
import { readSettings } from '../platform/cluster/settings.store.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { beginSecondFactor, endSecondFactor, keepRecoveryCodes, spendCode } from './second-factor.store.ts';
import { newRecoveryCodes, newTotpSecret, totpAddress } from './second-factor.ts';
import { verifyPassword } from './secrets.ts';
import type { IdentityDeps } from './session.routes.ts';
import { endSessions } from './sessions.store.ts';
import { forgive, takeAttempt } from './throttle.store.ts';
import { getUser } from './users.store.ts';

const wrongCode = (): DomainError =>
  new DomainError('auth.failed', 'This code is wrong, or was used before.', {
    hint: 'Wait for the next code; the clocks of the device and of the server must agree.',
  });

/** Codes of an authenticator for one's own account, and the recovery codes for when it is lost. */
export const mountSecondFactorRoutes = (mount: Mount, { database, keys }: IdentityDeps): void => {
  const ownAccount = async ({ subject }: RequestContext) => {
    if (subject.kind !== 'user')
      throw new DomainError('permission.missing', 'Only a person who is signed in can do that, not a token.');
    const user = await getUser(database.prisma, subject.userId);
    if (user.passwordHash !== null) return user;
    throw new DomainError(
      'conflict.state',
      'This account signs in through a directory, which asks for its own codes.',
    );
  };
  type Account = Awaited<ReturnType<typeof ownAccount>>;
  /** Guesses are counted as those at the door are. */
  const counted = async (
    ctx: RequestContext,
    user: Account,
    isRight: () => Promise<boolean>,
    wrong: DomainError,
  ) => {
    const attempt = await takeAttempt(database, user.name, ctx.address, new Date());
    if (!(await isRight())) throw wrong;
    await forgive(database, attempt);
  };
  const requirePassword = (ctx: RequestContext, user: Account, password: string) =>
    counted(
      ctx,
      user,
      () => verifyPassword(user.passwordHash, password),
      new DomainError('auth.failed', 'The password is wrong.'),
    );

  mount(secondFactorRoutes.begin, async ({ body, ctx }) => {
    const user = await ownAccount(ctx);
    if (user.totpSince)
      throw new DomainError('conflict.state', 'Codes are asked for already.', { hint: 'End that first.' });
    await requirePassword(ctx, user, body.password);
    const secret = newTotpSecret();
    const { clusterName } = await readSettings(database.prisma);
    await database.transaction(async (tx) => {
      await beginSecondFactor(tx, keys, user.id, secret);
      await recordAudit(tx, ctx, { action: 'session.second-factor.begin' });
    });
    return { secret, address: totpAddress(secret, `Portreeve ${clusterName}`, user.name) };
  });

  mount(secondFactorRoutes.confirm, async ({ body, ctx }) => {
    const user = await ownAccount(ctx);
    if (user.sealedTotp === null || user.totpSince)
      throw new DomainError('conflict.state', 'There is nothing to confirm.', { hint: 'Begin anew.' });
    const spend = () => database.transaction((tx) => spendCode(tx, keys, user, body.code, new Date()));
    await counted(ctx, user, spend, wrongCode());
    const recoveryCodes = newRecoveryCodes();
    const now = new Date();
    await database.transaction(async (tx) => {
      await keepRecoveryCodes(tx, user.id, recoveryCodes, now);
      // Whoever signed in without a code, elsewhere, is asked for one now.
      await endSessions(tx, user.id, { except: ctx.subject.sessionId }, now);
      await recordAudit(tx, ctx, { action: 'session.second-factor.confirm' });
      await database.announce(tx, 'session', [user.id]);
    });
    return { recoveryCodes };
  });

  mount(secondFactorRoutes.end, async ({ body, ctx }) => {
    const user = await ownAccount(ctx);
    if (!user.totpSince) throw new DomainError('conflict.state', 'No codes are asked for.');
    await requirePassword(ctx, user, body.password);
    const spend = () => database.transaction((tx) => spendCode(tx, keys, user, body.code, new Date()));
    await counted(ctx, user, spend, wrongCode());
    await database.transaction(async (tx) => {
      await endSecondFactor(tx, user.id);
      await recordAudit(tx, ctx, { action: 'session.second-factor.end' });
      await database.announce(tx, 'session', [user.id]);
    });
    return null;
  });
};
