import { type UserPage, type UserView, userRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { grantView } from '../access/grant-view.ts';
import { grantsHeldBy } from '../access/grants.store.ts';
import { isUnbound, requireHandOn } from '../access/hand-on.ts';
import { readRights } from '../access/rights.store.ts';
import { requireSomewhere } from '../access/somewhere.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { changeOf } from '../audit/change.ts';
import { hashPassword, newOneTimePassword } from '../identity/secrets.ts';
import { endSessions } from '../identity/sessions.store.ts';
import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import {
  type CountedAccount,
  changeAccount,
  createAccount,
  disableAccount,
  enableAccount,
  getAccount,
  lockAdministrators,
  type MembershipRow,
  membershipsOf,
  pageOfPeople,
  setOneTimePassword,
} from './accounts.store.ts';
import { endAllOf } from './end-account.ts';
import { sourceView } from './source-view.ts';

const viewOf = (row: CountedAccount): UserView => ({
  ...{ id: row.id, name: row.name, displayName: row.displayName, email: row.email },
  directory:
    row.directoryId === null
      ? null
      : { id: row.directoryId, name: row.directoryName ?? 'a directory that was removed' },
  administrator: row.administrator,
  disabledAt: row.disabledAt?.toISOString() ?? null,
  disabledWhy: row.disabledWhy,
  mustChangePassword: row.mustChange,
  twoFactor: row.twoFactor,
  ...{ teams: row.teams, grants: row.grants, sessions: row.sessions, tokens: row.tokens },
  lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  version: row.version,
});

const byTeam = (rows: readonly MembershipRow[]): UserPage['memberships'] => {
  const teams = new Map<string, UserPage['memberships'][number]>();
  for (const row of rows) {
    const team = teams.get(row.teamId) ?? { team: { id: row.teamId, name: row.teamName }, sources: [] };
    team.sources.push(sourceView(row));
    teams.set(row.teamId, team);
  }
  return [...teams.values()];
};

const entry = (action: string, { id, name }: { id: string; name: string }) => ({
  ...{ action, projectPath: '/' },
  object: { kind: 'user', id, name },
});

const requireLocal = (row: CountedAccount, what: string): void => {
  if (row.directoryId === null) return;
  throw new DomainError(
    'conflict.state',
    `${row.name} comes from ${row.directoryName ?? 'a directory'}: ${what} there.`,
  );
};

/** A password of somebody who may do more would be a way to do it: who makes one must hold all that they hold. */
const requireNotAbove = async (
  database: Database,
  ctx: RequestContext,
  row: CountedAccount,
): Promise<void> => {
  if (row.administrator && !(ctx.subject.administrator && isUnbound(ctx.subject)))
    throw new DomainError('permission.missing', `${row.name} is the recovery administrator.`, {
      hint: 'Only a recovery administrator can do that, or "npx portreeve reset-password" on the host of the server.',
    });
  requireHandOn(ctx.subject, (await readRights(database.prisma, row.id)).grants, `The account ${row.name}`);
};

/** Accounts of people. They are of the cluster: seen by who may read accounts anywhere, changed at the root alone. */
export const mountUserRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  const get = (id: string) => getAccount(db, id, 'person');
  const view = async (id: string) => viewOf(await get(id));

  mount(
    userRoutes.list,
    async ({ query, ctx }) => {
      requireSomewhere(ctx, 'user.read');
      const page = await pageOfPeople(db, query, query);
      return { ...page, items: page.items.map(viewOf) };
    },
    { project: 'resolved' },
  );
  mount(userRoutes.get, async ({ params, ctx }) => {
    requireSomewhere(ctx, 'user.read');
    const row = await get(params.id);
    const [memberships, held] = await Promise.all([membershipsOf(db, row.id), grantsHeldBy(db, row.id)]);
    return {
      ...viewOf(row),
      directoryDn: row.directoryDn,
      memberships: byTeam(memberships),
      held: held
        .filter(({ projectPath }) => ctx.may('grant.read', projectPath))
        .map((grant) => grantView(grant, ctx)),
    };
  });

  mount(userRoutes.create, async ({ body, ctx }) => {
    const id = uuid();
    const oneTimePassword = newOneTimePassword();
    const passwordHash = await hashPassword(oneTimePassword);
    await database
      .transaction(async (tx) => {
        const displayName = body.displayName || body.name;
        await createAccount(tx, { ...body, id, displayName, passwordHash, mustChange: true });
        await recordAudit(tx, ctx, {
          ...entry('user.create', { id, name: body.name }),
          detail: { displayName },
        });
        await database.announce(tx, 'user', [id]);
      })
      .catch((error) => {
        if (!isUniqueViolation(error)) throw error;
        throw new DomainError('conflict.name', `There is an account ${body.name} already.`);
      });
    return { oneTimePassword, view: await view(id) };
  });
  mount(userRoutes.edit, async ({ params, body, ctx, version }) => {
    ctx.authorize('user.edit');
    const row = await get(params.id);
    requireLocal(row, 'change it');
    await database.transaction(async (tx) => {
      if (!(await changeAccount(tx, row.id, version, body)))
        throw new DomainError('conflict.version', `Someone else changed ${row.name} meanwhile.`);
      const before = { displayName: row.displayName, email: row.email };
      await recordAudit(tx, ctx, {
        ...entry('user.edit', row),
        detail: changeOf(before, body),
      });
      await database.announce(tx, 'user', [row.id]);
    });
    return view(row.id);
  });
  mount(userRoutes.resetPassword, async ({ params, ctx }) => {
    ctx.authorize('user.edit');
    const row = await get(params.id);
    requireLocal(row, 'its password is set');
    await requireNotAbove(database, ctx, row);
    const oneTimePassword = newOneTimePassword();
    const passwordHash = await hashPassword(oneTimePassword);
    await database.transaction(async (tx) => {
      await setOneTimePassword(tx, row.id, passwordHash);
      const ended = await endSessions(tx, row.id, {}, new Date());
      await recordAudit(tx, ctx, {
        ...entry('user.reset-password', row),
        detail: { sessions: ended.length },
      });
      await database.announce(tx, 'session', [row.id]);
      await database.announce(tx, 'user', [row.id]);
    });
    return { oneTimePassword, view: await view(row.id) };
  });

  mount(userRoutes.disable, async ({ params, body, ctx }) => {
    ctx.authorize('user.edit');
    const row = await get(params.id);
    if (row.id === ctx.subject.userId)
      throw new DomainError('conflict.state', 'Nobody disables their own account.', {
        hint: 'Ask another administrator for it.',
      });
    if (row.administrator && !ctx.subject.administrator)
      throw new DomainError('permission.missing', `${row.name} is the recovery administrator.`, {
        hint: 'Only another recovery administrator can disable it.',
      });
    await database.transaction(async (tx) => {
      if (row.administrator && (await lockAdministrators(tx)).every(({ id }) => id === row.id))
        throw new DomainError('conflict.state', `${row.name} is the last recovery administrator.`, {
          hint: 'Without one nobody could come back in when the directory or the grants are wrong.',
        });
      if (!(await disableAccount(tx, row.id, body.why, new Date())))
        throw new DomainError('conflict.state', `${row.name} is disabled already.`);
      const ended = await endAllOf(database, tx, row.id, new Date());
      await recordAudit(tx, ctx, { ...entry('user.disable', row), detail: { why: body.why, ended } });
      await database.announce(tx, 'user', [row.id]);
    });
    return view(row.id);
  });
  mount(userRoutes.enable, async ({ params, ctx }) => {
    ctx.authorize('user.edit');
    const row = await get(params.id);
    await database.transaction(async (tx) => {
      if (!(await enableAccount(tx, row.id)))
        throw new DomainError('conflict.state', `${row.name} is not disabled.`);
      await recordAudit(tx, ctx, {
        ...entry('user.enable', row),
        detail: { wasDisabledFor: row.disabledWhy },
      });
      await database.announce(tx, 'user', [row.id]);
    });
    return view(row.id);
  });
  mount(userRoutes.endSessions, async ({ params, ctx }) => {
    ctx.authorize('user.edit');
    const row = await get(params.id);
    const ended = await database.transaction(async (tx) => {
      const sessions = await endSessions(tx, row.id, {}, new Date());
      await recordAudit(tx, ctx, { ...entry('user.end-sessions', row), detail: { sessions } });
      await database.announce(tx, 'session', [row.id]);
      return sessions.length;
    });
    return { ended };
  });
};
