import { grantRoutes } from '@portreeve/contract';
import { DomainError, isWithin, Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.store.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { getProject, lineage, projectIdsWithin } from '../projects/projects.store.ts';
import { announceGrants } from './announce.ts';
import { grantView } from './grant-view.ts';
import {
  createGrant,
  endGrant,
  getGrant,
  isGranted,
  lockSubject,
  type NewGrant,
  pageOfGrants,
  pageOfSubjects,
  pageOfUnused,
} from './grants.store.ts';
import { lackingFor, refusalOf, requireHandOn } from './hand-on.ts';
import { everyRoleRow, getRole, lockRole } from './roles.store.ts';

const NAMES = { user: 'account', team: 'team', 'service-account': 'service account' } as const;

const requireFuture = (endsAt: Date | null): void => {
  if (endsAt === null || endsAt.getTime() > Date.now()) return;
  throw new DomainError('request.invalid', 'The end of a grant must lie ahead.', {
    hint: 'Choose a later time, or none for a grant without an end.',
  });
};

const entryOf = (
  action: string,
  grant: { id: string; projectPath: string },
  subject: { kind: string; id: string; name: string },
  role: { id: string; name: string },
  more: { endsAt: string | null; reason: string },
) => ({
  action,
  object: { kind: 'grant', id: grant.id, name: `${role.name} for ${subject.name}` },
  projectPath: grant.projectPath,
  detail: { subject, role: { id: role.id, name: role.name }, project: grant.projectPath, ...more },
});

/** The subject, held until the transaction ends; refuses one that may not hold grants there. */
const requireSubject = async (
  tx: Tx,
  subject: NewGrant['subject'],
  projectPath: string,
): Promise<{ name: string }> => {
  const found = await lockSubject(tx, subject);
  if (!found)
    throw new DomainError('not-found', `There is no such ${NAMES[subject.kind]}, or it is disabled.`);
  if (found.projectId === null) return found;
  const home = await getProject(tx, found.projectId);
  if (isWithin(projectPath, home.path)) return found;
  throw new DomainError(
    'conflict.state',
    `The service account ${found.name} belongs to ${home.path}: it can be granted something there and below, not in ${projectPath}.`,
    { hint: `Make another in ${projectPath}, or in a project above both.` },
  );
};

/** Grants: who holds which role in which project, and until when. */
export const mountGrantRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;

  const idsFor = async (ctx: RequestContext, reach: 'within' | 'effective', project: string | undefined) => {
    if (reach === 'within') return projectIdsWithin(db, ctx.scope('grant.read', project));
    const path = project ?? '/';
    ctx.authorize('grant.read', path);
    await projectIdsWithin(db, [path]);
    return (await lineage(db, path)).map(({ id }) => id);
  };

  mount(grantRoutes.list, async ({ query, ctx }) => {
    const projectIds = await idsFor(ctx, query.reach, query.project);
    const page = await pageOfGrants(db, { ...query, projectIds }, query);
    const at = query.reach === 'effective' ? (query.project ?? '/') : undefined;
    return { ...page, items: page.items.map((row) => grantView(row, ctx, at)) };
  });
  mount(grantRoutes.get, async ({ params, ctx }) => {
    const row = await getGrant(db, params.id);
    ctx.authorize('grant.read', row.projectPath);
    return grantView(row, ctx);
  });
  mount(grantRoutes.unused, async ({ query, ctx }) => {
    const projectIds = await projectIdsWithin(db, ctx.scope('grant.read', query.project));
    const page = await pageOfUnused(db, projectIds, query.days, query);
    return {
      ...page,
      items: page.items.map((row) => ({
        ...grantView(row, ctx),
        permissions: row.permissions.length,
        unused: row.unused.flatMap((name) => Permission.safeParse(name).data ?? []),
      })),
    };
  });
  mount(
    grantRoutes.subjects,
    async ({ query, ctx }) => {
      const path = query.project ?? '/';
      ctx.authorize('grant.edit', path);
      await projectIdsWithin(db, [path]);
      return pageOfSubjects(
        db,
        (await lineage(db, path)).map(({ id }) => id),
        query,
      );
    },
    { project: 'query' },
  );
  mount(
    grantRoutes.roles,
    async ({ query, ctx }) => {
      await getProject(db, query.project);
      const roles = await everyRoleRow(db);
      return {
        roles: roles.map(({ id, name, description, builtIn, permissions }) => {
          const handed = { roleId: id, projectPath: query.project, permissions: new Set(permissions) };
          const brief = { ...handed, endsAt: Date.now() };
          return {
            ...{ id, name, description, builtIn, permissions },
            lacking: lackingFor(ctx.subject, brief),
            refusal: refusalOf(ctx.subject, brief, `The role ${name}`),
          };
        }),
      };
    },
    { project: 'query' },
  );

  mount(
    grantRoutes.create,
    async ({ body, ctx }) => {
      ctx.authorize('grant.edit', body.project);
      const project = await getProject(db, body.project);
      const endsAt = body.endsAt === undefined ? null : new Date(body.endsAt);
      requireFuture(endsAt);
      const grant: NewGrant = {
        ...{ id: uuid(), subject: body.subject, roleId: body.role, projectId: project.id },
        ...{ endsAt, reason: body.reason, createdBy: ctx.subject.name },
      };
      await database.transaction(async (tx) => {
        // Held, so that what is granted is what was looked at.
        if (!(await lockRole(tx, body.role, 'read')))
          throw new DomainError('not-found', 'There is no such role.');
        const role = await getRole(tx, body.role);
        const handed = { roleId: role.id, projectPath: project.path, permissions: new Set(role.permissions) };
        requireHandOn(
          ctx.subject,
          [{ ...handed, ...(endsAt && { endsAt: endsAt.getTime() }) }],
          `The role ${role.name}`,
        );
        const subject = await requireSubject(tx, body.subject, project.path);
        if (await isGranted(tx, grant))
          throw new DomainError(
            'conflict.state',
            `${subject.name} holds ${role.name} in ${project.path} already.`,
          );
        await createGrant(tx, grant);
        await recordAudit(
          tx,
          ctx,
          entryOf(
            'grant.create',
            { id: grant.id, projectPath: project.path },
            { ...body.subject, name: subject.name },
            role,
            { endsAt: endsAt?.toISOString() ?? null, reason: body.reason },
          ),
        );
        await announceGrants(database, tx, [heldAs(grant.id, body.subject)]);
      });
      return grantView(await getGrant(db, grant.id), ctx);
    },
    { project: 'resolved' },
  );
  mount(grantRoutes.end, async ({ params, ctx }) => {
    const row = await getGrant(db, params.id);
    ctx.authorize('grant.edit', row.projectPath);
    await database.transaction(async (tx) => {
      if (!(await endGrant(tx, row.id, new Date())))
        throw new DomainError('not-found', 'There is no such grant, or it has ended.');
      const subject = { kind: row.subjectKind, id: row.subjectId, name: row.subjectName };
      await recordAudit(
        tx,
        ctx,
        entryOf(
          'grant.end',
          row,
          subject,
          { id: row.roleId, name: row.roleName },
          {
            endsAt: row.endsAt?.toISOString() ?? null,
            reason: row.reason,
          },
        ),
      );
      await announceGrants(database, tx, [heldAs(row.id, { kind: row.subjectKind, id: row.subjectId })]);
    });
    return null;
  });
};

const heldAs = (id: string, subject: NewGrant['subject']) => ({
  id,
  userId: subject.kind === 'team' ? null : subject.id,
  teamId: subject.kind === 'team' ? subject.id : null,
});
