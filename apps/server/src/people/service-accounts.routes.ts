import { type ServiceAccountView, serviceAccountRoutes } from '@portreeve/contract';
import { DomainError, isWithin, type Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { grantsHeldBy } from '../access/grants.store.ts';
import { type Handed, requireHandOn } from '../access/hand-on.ts';
import { handedBy } from '../access/handed-by.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { changeOf } from '../audit/change.ts';
import { tokenView } from '../identity/token.routes.ts';
import { createToken, pageOfTokens, revokeToken, tokenEnd } from '../identity/tokens.store.ts';
import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { getProject, projectIdsWithin } from '../projects/projects.store.ts';
import {
  type CountedAccount,
  changeAccount,
  createAccount,
  disableAccount,
  enableAccount,
  getAccount,
  pageOfServiceAccounts,
} from './accounts.store.ts';
import { endAllOf } from './end-account.ts';

const DAY_MS = 86_400_000;

type Account = CountedAccount & { projectId: string; projectPath: string };

const viewOf = (row: Account): ServiceAccountView => ({
  ...{ id: row.id, name: row.name, displayName: row.displayName },
  ...{ projectId: row.projectId, projectPath: row.projectPath },
  disabledAt: row.disabledAt?.toISOString() ?? null,
  disabledWhy: row.disabledWhy,
  ...{ tokens: row.tokens, grants: row.grants },
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  version: row.version,
});

/** One whose project was removed is gone with it. */
const inProject = (row: CountedAccount): Account => {
  const { projectId, projectPath } = row;
  if (projectId !== null && projectPath !== null) return { ...row, projectId, projectPath };
  throw new DomainError('not-found', 'There is no such service account.');
};

const entry = (action: string, row: Pick<Account, 'id' | 'name' | 'projectPath'>) => ({
  ...{ action, projectPath: row.projectPath },
  object: { kind: 'service-account', id: row.id, name: row.name },
});

/** What a token of an account would give: what it is narrowed to where the account's grants are. */
const reachOf = (
  grants: readonly Handed[],
  wanted: { permissions: readonly Permission[]; projectPath: string },
  endsAt: number,
): Handed[] =>
  grants.flatMap(({ roleId, projectPath, permissions, ...grant }) => {
    const isAbove = isWithin(wanted.projectPath, projectPath);
    if (!isAbove && !isWithin(projectPath, wanted.projectPath)) return [];
    const narrowed = [...permissions].filter(
      (one) => wanted.permissions.length === 0 || wanted.permissions.includes(one),
    );
    return [
      {
        roleId,
        projectPath: isAbove ? wanted.projectPath : projectPath,
        permissions: new Set(narrowed),
        endsAt: Math.min(grant.endsAt ?? endsAt, endsAt),
      },
    ];
  });

/** Accounts of programs: each belongs to a project, holds grants in it and below, and has tokens instead of a password. */
export const mountServiceAccountRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  const find = async (id: string, ctx: RequestContext): Promise<Account> => {
    const row = inProject(await getAccount(db, id, 'service'));
    ctx.authorize('service-account.edit', row.projectPath);
    return row;
  };
  const view = async (id: string) => viewOf(inProject(await getAccount(db, id, 'service')));

  mount(serviceAccountRoutes.list, async ({ query, ctx }) => {
    const ids = await projectIdsWithin(db, ctx.scope('service-account.edit', query.project));
    const page = await pageOfServiceAccounts(db, ids, query);
    return { ...page, items: page.items.map((row) => viewOf(inProject(row))) };
  });
  mount(serviceAccountRoutes.get, async ({ params, ctx }) => viewOf(await find(params.id, ctx)));
  mount(serviceAccountRoutes.create, async ({ query, body, ctx }) => {
    const project = await getProject(db, query.project);
    const id = uuid();
    await database
      .transaction(async (tx) => {
        const displayName = body.displayName || body.name;
        await createAccount(tx, { id, kind: 'service', name: body.name, displayName, projectId: project.id });
        await recordAudit(
          tx,
          ctx,
          entry('service-account.create', { id, name: body.name, projectPath: project.path }),
        );
        await database.announce(tx, 'user', [id]);
      })
      .catch((error) => {
        if (!isUniqueViolation(error)) throw error;
        throw new DomainError('conflict.name', `There is an account ${body.name} already.`, {
          hint: 'People and service accounts share one list of names: add the project’s, such as shop-ci.',
        });
      });
    return view(id);
  });
  mount(serviceAccountRoutes.edit, async ({ params, body, ctx, version }) => {
    const row = await find(params.id, ctx);
    await database.transaction(async (tx) => {
      if (!(await changeAccount(tx, row.id, version, body)))
        throw new DomainError('conflict.version', `Someone else changed ${row.name} meanwhile.`);
      const detail = changeOf({ displayName: row.displayName }, body);
      await recordAudit(tx, ctx, { ...entry('service-account.edit', row), detail });
      await database.announce(tx, 'user', [row.id]);
    });
    return view(row.id);
  });
  mount(serviceAccountRoutes.disable, async ({ params, body, ctx }) => {
    const row = await find(params.id, ctx);
    await database.transaction(async (tx) => {
      if (!(await disableAccount(tx, row.id, body.why, new Date())))
        throw new DomainError('conflict.state', `${row.name} is disabled already.`);
      const ended = await endAllOf(database, tx, row.id, new Date());
      await recordAudit(tx, ctx, {
        ...entry('service-account.disable', row),
        detail: { why: body.why, ended },
      });
      await database.announce(tx, 'user', [row.id]);
    });
    return view(row.id);
  });
  mount(serviceAccountRoutes.enable, async ({ params, ctx }) => {
    const row = await find(params.id, ctx);
    await database.transaction(async (tx) => {
      if (!(await enableAccount(tx, row.id)))
        throw new DomainError('conflict.state', `${row.name} is not disabled.`);
      await recordAudit(tx, ctx, entry('service-account.enable', row));
      await database.announce(tx, 'user', [row.id]);
    });
    return view(row.id);
  });

  mount(serviceAccountRoutes.tokens, async ({ params, query, ctx }) => {
    const row = await find(params.id, ctx);
    const page = await pageOfTokens(database, row.id, query);
    return { ...page, items: page.items.map(tokenView) };
  });
  mount(serviceAccountRoutes.createToken, async ({ params, body, ctx }) => {
    const account = await find(params.id, ctx);
    const { name, permissions, projectPath = account.projectPath } = body;
    if (!isWithin(projectPath, account.projectPath))
      throw new DomainError(
        'request.invalid',
        `${account.name} belongs to ${account.projectPath}: its tokens do too.`,
      );
    const wanted = Date.now() + body.expiresInDays * DAY_MS;
    const { secret, row } = await database.transaction(async (tx) => {
      // One that is good for a day does not make one that is good for a year.
      const end = await tokenEnd(tx, ctx.subject.tokenId);
      if (end === undefined) throw new DomainError('auth.required', 'This token was revoked meanwhile.');
      const expiresAt = new Date(Math.min(wanted, end?.getTime() ?? wanted));
      // Whoever sees the secret may do what it may.
      const reach = reachOf(
        handedBy(await grantsHeldBy(tx, account.id)),
        { permissions, projectPath },
        expiresAt.getTime(),
      );
      requireHandOn(ctx.subject, reach, `A token of ${account.name}`);
      const made = await createToken(tx, {
        ...{ userId: account.id, name, permissions, projectPath, expiresAt },
        madeBy: ctx.subject.tokenId,
      });
      await recordAudit(tx, ctx, {
        ...entry('service-account.create-token', account),
        detail: {
          token: made.row.id,
          name,
          permissions,
          project: projectPath,
          expiresAt: expiresAt.toISOString(),
        },
      });
      await database.announce(tx, 'token', [made.row.id]);
      return made;
    });
    return { token: secret, view: tokenView(row) };
  });
  mount(serviceAccountRoutes.revokeToken, async ({ params, ctx }) => {
    const account = await find(params.id, ctx);
    await database.transaction(async (tx) => {
      const revoked = await revokeToken(tx, account.id, params.token, new Date());
      if (revoked.length === 0)
        throw new DomainError('not-found', `There is no such token of ${account.name}.`);
      await recordAudit(tx, ctx, {
        ...entry('service-account.revoke-token', account),
        detail: { tokens: revoked },
      });
      await database.announce(tx, 'token', revoked);
    });
    return null;
  });
};
