import { type Explanation, grantRoutes, ownRightsRoutes, userRoutes } from '@portreeve/contract';
import { BUILT_IN_ROLES, DomainError, isHostPrivilege, isWithin, PERMISSIONS } from '@portreeve/domain';
import { seesProject } from '@portreeve/planning';
import type { Database } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { getProject, lineage } from '../projects/projects.store.ts';
import { rightsOf } from './authorize.ts';
import {
  administratorsOf,
  type ExplainedAccount,
  getExplainedAccount,
  placeOfObject,
} from './explain.store.ts';
import { grantView } from './grant-view.ts';
import { grantersOf } from './granters.ts';
import { type GrantRow, grantsWith, pageOfHeldGrants } from './grants.store.ts';
import { permissionAnswer, permissionAnswers } from './permission-answer.ts';
import { readRights } from './rights.store.ts';
import type { Subject } from './subject.ts';

const SHOWN = 500;

/** The account as one that asks: with what it may do now. */
const subjectOf = async (database: Database, account: ExplainedAccount): Promise<Subject> => ({
  ...{ kind: 'user', userId: account.id, name: account.name, administrator: account.administrator },
  ...(account.administrator ? {} : await readRights(database.prisma, account.id)),
});

/** A project that the asker may know to be there; for anybody else it is not. */
const requireSeen = async (database: Database, ctx: RequestContext, path: string): Promise<void> => {
  const isSeen =
    isWithin(path, ctx.subject.projectPath ?? '/') && seesProject(rightsOf(ctx.subject), path, Date.now());
  // That there is the root is no secret.
  if (!isSeen && path !== '/')
    throw new DomainError('not-found', 'There is no such project, or you may not see it.');
  await getProject(database.prisma, path);
};

const personOf = ({ id, name, displayName }: ExplainedAccount) => ({ id, name, displayName });

const sentenceOf = ({ permission, object, holders, administrators }: Explanation): string => {
  const counting = holders.filter(({ counts }) => counts);
  const grants = counting.length === 1 ? '1 grant gives' : `${counting.length} grants give`;
  const recovery = administrators.length === 1 ? 'the recovery administrator' : 'recovery administrators';
  const blocked = holders.length - counting.length;
  const off = blocked === 0 ? '' : ` ${blocked} more would, were it allowed in the project.`;
  if (counting.length === 0) return `Nobody but ${recovery} may do ${permission} with ${object.name}.${off}`;
  return `${grants} ${permission} on ${object.name}, besides ${recovery}.${off}`;
};

/** "Who can do this?", "what can they do here?" and "what may I do?", each with the grant that decides. */
export const mountExplainRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;

  mount(grantRoutes.explain, async ({ params, query, ctx }) => {
    const place = await placeOfObject(db, params.kind, params.id);
    ctx.authorize('grant.read', place.projectPath);
    const { permission } = query;
    const above = await lineage(db, place.projectPath);
    const allowed = above.find(({ hostPrivileges }) => hostPrivileges.includes(permission));
    const isBound = isHostPrivilege(permission) && allowed === undefined;
    const isUnbound = ({ roleId, projectPath }: GrantRow) =>
      roleId === BUILT_IN_ROLES.clusterAdministrator.id && projectPath === '/';
    const rows = await grantsWith(
      db,
      above.map(({ id }) => id),
      permission,
    );
    const told: Explanation = {
      object: { kind: params.kind, id: params.id, ...place },
      ...{ permission, text: PERMISSIONS[permission] },
      ...(isHostPrivilege(permission) && { allowedIn: allowed?.path ?? null }),
      holders: rows.slice(0, SHOWN).map((row) => ({
        ...grantView(row, ctx, place.projectPath),
        ...{ people: row.people, counts: !isBound || isUnbound(row) },
      })),
      more: Math.max(0, rows.length - SHOWN),
      administrators: await administratorsOf(db),
      sentence: '',
    };
    return { ...told, sentence: sentenceOf(told) };
  });

  mount(userRoutes.permissions, async ({ params, query, ctx }) => {
    ctx.authorize('grant.read', query.project);
    await getProject(db, query.project);
    const account = await getExplainedAccount(db, params.id);
    const subject = await subjectOf(database, account);
    return {
      user: personOf(account),
      projectPath: query.project,
      answers: permissionAnswers(subject, query.project, account.disabled),
    };
  });

  mount(ownRightsRoutes.grants, async ({ query, ctx }) => {
    const page = await pageOfHeldGrants(db, ctx.subject.userId, query);
    return { ...page, items: page.items.map((row) => grantView(row, ctx)) };
  });
  mount(ownRightsRoutes.permissions, async ({ query, ctx }) => {
    await requireSeen(database, ctx, query.project);
    return {
      user: personOf(await getExplainedAccount(db, ctx.subject.userId)),
      projectPath: query.project,
      answers: permissionAnswers(ctx.subject, query.project),
    };
  });
  mount(ownRightsRoutes.missing, async ({ params, query, ctx }) => {
    await requireSeen(database, ctx, query.project);
    const answer = permissionAnswer(ctx.subject, params.permission, query.project);
    const isSeen = seesProject(rightsOf(ctx.subject), query.project, Date.now());
    const needs = answer.missing === 'grant' || answer.missing === 'allowance' ? answer.missing : undefined;
    const granters =
      needs !== undefined && isSeen ? await grantersOf(db, params.permission, query.project, needs) : [];
    return { ...answer, projectPath: query.project, granters };
  });
};
