import { type RoleView, roleRoutes } from '@portreeve/contract';
import { DomainError, type Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { BUILT_IN_STAYS, previewRole, roleRefusal } from './role-preview.ts';
import {
  changeRole,
  createRole,
  getRole,
  lockRole,
  pageOfRoles,
  type RoleRow,
  someGrantOf,
} from './roles.store.ts';
import { requireSomewhere } from './somewhere.ts';

const viewOf = ({ copiedFrom, copiedFromName, createdAt, ...row }: RoleRow): RoleView => ({
  ...row,
  copiedFrom:
    copiedFrom === null ? null : { id: copiedFrom, name: copiedFromName ?? 'a role that was removed' },
  createdAt: createdAt?.toISOString() ?? null,
});

const entry = (action: string, { id, name }: Pick<RoleRow, 'id' | 'name'>) => ({
  ...{ action, projectPath: '/' },
  object: { kind: 'role', id, name },
});

const nameTaken = (name: string) => (error: unknown) => {
  if (!isUniqueViolation(error)) throw error;
  throw new DomainError('conflict.name', `There is a role ${name} already.`);
};

const requireOwn = (row: RoleRow): void => {
  if (row.builtIn) throw new DomainError('conflict.state', BUILT_IN_STAYS);
};

const requireHeld = (
  ctx: RequestContext,
  role: Pick<RoleRow, 'id' | 'name'>,
  gained: readonly Permission[],
): void => {
  const refusal = roleRefusal(ctx, role, gained);
  if (refusal)
    throw new DomainError('permission.missing', refusal, {
      hint: 'A role gets no permission that whoever changes it does not hold at the root: leave it out, or ask somebody who does.',
    });
};

const changedMeanwhile = (name: string): DomainError =>
  new DomainError('conflict.version', `Someone else changed the role ${name} meanwhile.`);

/** Roles: the built-in ones to see and copy, and people's own. They are of the cluster. */
export const mountRoleRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;

  mount(
    roleRoutes.list,
    async ({ query, ctx }) => {
      requireSomewhere(ctx, 'role.read');
      const page = await pageOfRoles(db, query);
      return { ...page, items: page.items.map(viewOf) };
    },
    { project: 'resolved' },
  );
  mount(roleRoutes.get, async ({ params, ctx }) => {
    requireSomewhere(ctx, 'role.read');
    return viewOf(await getRole(db, params.id));
  });
  mount(roleRoutes.preview, async ({ params, body, ctx }) => {
    ctx.authorize('role.edit');
    return previewRole(db, ctx, await getRole(db, params.id), body.permissions);
  });
  mount(roleRoutes.create, async ({ body, ctx }) => {
    const from = body.copyOf === undefined ? undefined : await getRole(db, body.copyOf);
    const permissions = [...new Set(body.permissions ?? from?.permissions ?? [])];
    const role = { id: uuid(), name: body.name, description: body.description, permissions };
    requireHeld(ctx, role, permissions);
    await database
      .transaction(async (tx) => {
        await createRole(tx, { ...role, copiedFrom: from?.id ?? null });
        const detail = { permissions, ...(from && { copyOf: from.name }) };
        await recordAudit(tx, ctx, { ...entry('role.create', role), detail });
        await publishChange(tx, { kind: 'role', ids: [role.id] });
      })
      .catch(nameTaken(body.name));
    return viewOf(await getRole(db, role.id));
  });
  mount(roleRoutes.edit, async ({ params, body, ctx, version }) => {
    ctx.authorize('role.edit');
    const row = await getRole(db, params.id);
    requireOwn(row);
    const permissions = body.permissions && [...new Set(body.permissions)];
    const gained = permissions?.filter((one) => !row.permissions.includes(one)) ?? [];
    const lost = permissions ? row.permissions.filter((one) => !permissions.includes(one)) : [];
    requireHeld(ctx, row, gained);
    await database
      .transaction(async (tx) => {
        // What is gained was reckoned from this version; another one is refused here.
        if (row.version !== version || !(await changeRole(tx, row.id, version, { ...body, permissions })))
          throw changedMeanwhile(row.name);
        const named = body.name !== undefined && body.name !== row.name;
        await recordAudit(tx, ctx, {
          ...entry('role.edit', row),
          detail: { gained, lost, ...(named && { name: { before: row.name, after: body.name ?? '' } }) },
        });
        await publishChange(tx, { kind: 'role', ids: [row.id] });
      })
      .catch(nameTaken(body.name ?? row.name));
    return viewOf(await getRole(db, row.id));
  });
  mount(roleRoutes.remove, async ({ params, ctx, version }) => {
    ctx.authorize('role.edit');
    const row = await getRole(db, params.id);
    requireOwn(row);
    await database.transaction(async (tx) => {
      await lockRole(tx, row.id, 'change');
      const held = await someGrantOf(tx, row.id);
      if (held !== undefined)
        throw new DomainError('in-use', `The role ${row.name} is granted to ${held}.`, {
          hint: 'End its grants first, or give those people another role.',
        });
      if (!(await changeRole(tx, row.id, version, { removedAt: new Date() })))
        throw changedMeanwhile(row.name);
      await recordAudit(tx, ctx, { ...entry('role.remove', row), detail: { permissions: row.permissions } });
      await publishChange(tx, { kind: 'role', ids: [row.id] });
    });
    return null;
  });
};
