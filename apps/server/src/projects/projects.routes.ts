import { type ProjectView, projectRoutes } from '@portreeve/contract';
import { DomainError, Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { announceGrants } from '../access/announce.ts';
import { endGrantsIn } from '../access/grants.store.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { changeOf } from '../audit/change.ts';
import { revokeTokensOf } from '../identity/tokens.store.ts';
import { publishChange } from '../live/changes.ts';
import { disableServiceAccountsOf } from '../people/accounts.store.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { commonPorts, type PortRange, portsInWords } from './port-range.ts';
import {
  contentOf,
  createProject,
  editProject,
  getListedProject,
  getProject,
  lineage,
  type ProjectListRow,
  type ProjectRow,
  pageOfProjects,
  raiseNodesAbove,
  removeProject,
} from './projects.store.ts';
import { requireProtectionChange } from './protection.ts';

const viewOf = (row: ProjectListRow): ProjectView => ({
  ...row,
  hostPrivileges: row.hostPrivileges.flatMap((name) => Permission.safeParse(name).data ?? []),
  createdAt: row.createdAt.toISOString(),
});

type Above = PortRange & { path: string };

const requireRange = (ports: PortRange, above: Above | undefined): void => {
  const { portFrom, portTo } = ports;
  if (portFrom > portTo)
    throw new DomainError(
      'request.invalid',
      `The ports ${portFrom}–${portTo} are no range: the first is above the last.`,
    );
  if (!above || (above.portFrom <= portFrom && portTo <= above.portTo)) return;
  const range = portsInWords(above);
  throw new DomainError(
    'request.invalid',
    `The ports ${portFrom}–${portTo} are not within ${range}, which ${above.path} may use.`,
    { hint: `Choose a range within ${range}, or widen that of ${above.path} first.` },
  );
};

/** What the project may use, as it and all above it say. */
const portsOf = async (db: Tx, path: string): Promise<Above> => ({
  path,
  ...commonPorts(await lineage(db, path)),
});

/** Nobody gives themselves more of the hosts' ports: the project above says which ones its children have. */
const requirePortsChange = async (db: Tx, ctx: RequestContext, row: ProjectRow, ports: PortRange) => {
  if (ports.portFrom === row.portFrom && ports.portTo === row.portTo) return;
  const parent = row.parentId === null ? undefined : await getProject(db, row.parentId);
  if (parent) ctx.authorize('project.edit', parent.path);
  requireRange(ports, parent && (await portsOf(db, parent.path)));
};

const parentOf = async (db: Tx, path: string): Promise<ProjectRow> => {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  return getProject(db, parent).catch(() => {
    throw new DomainError('not-found', `There is no project ${parent} to make ${path} in.`, {
      hint: `Make ${parent} first.`,
    });
  });
};

/** The tree of projects. */
export const mountProjectRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  const view = async (id: string) => viewOf(await getListedProject(db, id));

  mount(projectRoutes.list, async ({ query, ctx }) => {
    const page = await pageOfProjects(db, ctx.scope('project.read', query.project), query);
    return { ...page, items: page.items.map(viewOf) };
  });
  mount(projectRoutes.get, async ({ params, ctx }) => {
    const row = await getListedProject(db, params.id);
    ctx.authorize('project.read', row.path);
    return viewOf(row);
  });
  mount(
    projectRoutes.create,
    async ({ body, ctx }) => {
      if (body.path === '/') throw new DomainError('conflict.name', 'The project / is there already.');
      const parent = await parentOf(db, body.path);
      ctx.authorize('project.edit', parent.path);
      const above = await portsOf(db, parent.path);
      const { path, displayName, portFrom = above.portFrom, portTo = above.portTo } = body;
      requireRange({ portFrom, portTo }, above);
      const id = uuid();
      await database
        .transaction(async (tx) => {
          await createProject(tx, { id, path, parentId: parent.id, displayName, portFrom, portTo });
          await recordAudit(tx, ctx, {
            action: 'project.create',
            object: { kind: 'project', id, name: path },
            projectPath: path,
          });
          await publishChange(tx, { kind: 'project', ids: [id, parent.id] });
        })
        .catch((error) => {
          if (!isUniqueViolation(error)) throw error;
          throw new DomainError('conflict.name', `There is a project ${path} already.`);
        });
      return view(id);
    },
    { project: 'resolved' },
  );
  mount(projectRoutes.edit, async ({ params, body, ctx, version }) => {
    const row = await getProject(db, params.id);
    ctx.authorize('project.edit', row.path);
    const { portFrom = row.portFrom, portTo = row.portTo } = body;
    await requirePortsChange(db, ctx, row, { portFrom, portTo });
    requireProtectionChange(ctx, row, body);
    await database.transaction(async (tx) => {
      if (!(await editProject(tx, row.id, version, body)))
        throw new DomainError('conflict.version', `Someone else changed ${row.path} meanwhile.`, {
          hint: 'Load it again and repeat your change.',
        });
      await recordAudit(tx, ctx, {
        action: 'project.edit',
        object: { kind: 'project', id: row.id, name: row.path },
        projectPath: row.path,
        detail: changeOf(row, body),
      });
      if (body.ownNodesOnly !== undefined && body.ownNodesOnly !== row.ownNodesOnly)
        await raiseNodesAbove(tx, row.path);
      await publishChange(tx, { kind: 'project', ids: [row.id] });
    });
    return view(row.id);
  });
  mount(projectRoutes.remove, async ({ params, ctx }) => {
    const row = await getProject(db, params.id);
    ctx.authorize('project.edit', row.path);
    await database.transaction(async (tx) => {
      const inside = await contentOf(tx, row.id);
      if (inside || row.path === '/')
        throw new DomainError(
          'in-use',
          `The project ${row.path} is not empty: it has ${inside ?? 'the cluster'}.`,
          {
            hint: 'Move or remove what is in it first.',
          },
        );
      await removeProject(tx, row.id);
      const now = new Date();
      const tokens = await revokeTokensOf(tx, row.path, now);
      const grants = await endGrantsIn(tx, row.id, now);
      const accounts = await disableServiceAccountsOf(tx, row.id, now);
      await recordAudit(tx, ctx, {
        action: 'project.remove',
        object: { kind: 'project', id: row.id, name: row.path },
        projectPath: row.path,
        detail: { revokedTokens: tokens, grants: grants.map(({ id }) => id), serviceAccounts: accounts },
      });
      await announceGrants(database, tx, grants);
      if (accounts.length > 0) await database.announce(tx, 'user', accounts);
      if (tokens.length > 0) await database.announce(tx, 'token', tokens);
      await publishChange(tx, { kind: 'project', ids: [row.id] });
    });
    return null;
  });
};
