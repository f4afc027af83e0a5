import { DomainError } from '@portreeve/domain';
import { recordAudit } from '../audit/audit.store.ts';
import type { Database } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { type SignInDeps, type SignInWish, signInByDirectory } from './directories/sign-in.service.ts';
import type { Asked } from './directories/verify.ts';
import { isUsed, verifyPassword } from './secrets.ts';
import { findUser, getUser } from './users.store.ts';

type Deps = { database: Database; directories: SignInDeps };
type Refused = { name: string; detail?: Record<string, string>; outcome?: 'refused' | 'failed' };

const WRONG = new DomainError('auth.failed', 'Name or password is wrong.', {
  hint: 'A one-time password works once; "npx portreeve reset-password" on the host of the server makes another.',
});

/** Audited, and then told. */
export const refuseSignIn = async (
  database: Database,
  ctx: RequestContext,
  { name, detail = {}, outcome = 'refused' }: Refused,
  refusal = WRONG,
): Promise<never> => {
  await database.transaction((tx) =>
    recordAudit(tx, ctx, {
      action: 'session.sign-in',
      object: { kind: 'user', name: name.slice(0, 80) },
      ...{ outcome, detail },
    }),
  );
  throw refusal;
};

const byDirectory = async (
  { database, directories }: Deps,
  wish: SignInWish,
  ctx: RequestContext,
  [account, http]: [Awaited<ReturnType<typeof findUser>>, Asked],
) => {
  const answer = await signInByDirectory(directories, wish, account ?? undefined, http).catch((error) => {
    if (!(error instanceof DomainError) || error.code !== 'directory.unavailable') throw error;
    const failed = { name: wish.name, outcome: 'failed' as const, detail: { why: error.message } };
    return refuseSignIn(database, ctx, failed, error);
  });
  if (answer.kind === 'not-asked') return undefined;
  if (answer.kind === 'refused')
    return refuseSignIn(database, ctx, { name: wish.name, detail: answer.detail }, answer.refusal);
  const user = await getUser(database.prisma, answer.userId);
  if (!user.disabledAt) return user;
  const refusal = new DomainError('auth.failed', 'This account is disabled here.', {
    hint: 'Ask an administrator of this console.',
  });
  return refuseSignIn(database, ctx, { name: wish.name, detail: { why: 'disabled here' } }, refusal);
};

/**
 * The account of a name and a password: by the directory that knows it, else by the console's own password. An account
 * that came from a directory has no password here, whatever is in its row.
 */
export const whoSignsIn = async (
  deps: Deps,
  wish: SignInWish,
  ctx: RequestContext,
  http: Asked | undefined,
) => {
  const { database } = deps;
  const account = await findUser(database, wish.name);
  const known = http && (await byDirectory(deps, wish, ctx, [account, http]));
  if (known) return known;
  const isLocal = (wish.directory ?? 'local') === 'local' && account?.directoryId === null;
  const passwordHash = isLocal ? account.passwordHash : null;
  const right = await verifyPassword(passwordHash, wish.password);
  if (!account || !passwordHash || !right || account.disabledAt || isUsed(passwordHash))
    return refuseSignIn(database, ctx, { name: wish.name });
  return account;
};
