import { configRoutes, type StoredFileView, secretRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Mount } from '../platform/http/http.ts';
import { getProject, projectIdsWithin } from '../projects/projects.store.ts';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import { type ObjectUse, usesOfObjects } from '../stacks/object-uses.store.ts';
import { changeFile, requireContent } from './change-file.service.ts';
import {
  createFile,
  type FileKind,
  type FileRow,
  getFile,
  pageOfFiles,
  readFileContent,
  removeFile,
} from './files.store.ts';

const viewOf = (row: FileRow, uses: readonly ObjectUse[]): StoredFileView => ({
  id: row.id,
  name: row.name,
  projectPath: row.projectPath,
  version: row.version,
  size: row.size,
  createdAt: row.createdAt.toISOString(),
  changedAt: row.changedAt.toISOString(),
  changedBy: row.changedBy,
  usedBy: uses
    .filter(({ objectId }) => objectId === row.id)
    .map(({ serviceId, name }) => ({ serviceId, name })),
});

/** 700,000 characters of base64 and what JSON puts around them. */
const BODY_LIMIT = 1_000_000;

const mountKind = (mount: Mount, deps: DeployDeps, kind: FileKind, routes: typeof secretRoutes): void => {
  const { database, keys } = deps;
  const db = database.prisma;
  const view = async (id: string) => viewOf(await getFile(db, kind, id), await usesOfObjects(db, [id]));

  const seeing = kind === 'config' ? 'config.read' : 'secret.list';

  mount(routes.list, async ({ query, ctx }) => {
    const projectIds = await projectIdsWithin(db, ctx.scope(seeing, query.project));
    const page = await pageOfFiles(db, kind, projectIds, query);
    const uses = await usesOfObjects(
      db,
      page.items.map(({ id }) => id),
    );
    return { ...page, items: page.items.map((row) => viewOf(row, uses)) };
  });
  mount(
    routes.create,
    async ({ query, body, ctx }) => {
      const project = await getProject(db, query.project);
      const content = requireContent(body.contentBase64);
      const id = await database.transaction(async (tx) => {
        const createdBy = ctx.subject.name;
        const made = await createFile(tx, keys, {
          kind,
          projectId: project.id,
          name: body.name,
          content,
          createdBy,
        });
        await recordAudit(tx, ctx, {
          action: `${kind}.create`,
          object: { kind, id: made, name: body.name },
          projectPath: project.path,
        });
        await publishChange(tx, { kind: 'file', ids: [made] });
        return made;
      });
      return view(id);
    },
    { project: 'query', bodyLimitBytes: BODY_LIMIT },
  );
  mount(
    routes.change,
    async ({ params, body, ctx, version }) => {
      const rollouts = await changeFile(deps, ctx, kind, params.id, { ...body, version });
      return { view: await view(params.id), rollouts };
    },
    { bodyLimitBytes: BODY_LIMIT },
  );
  mount(routes.remove, async ({ params, ctx }) => {
    const file = await getFile(db, kind, params.id);
    ctx.authorize(`${kind}.edit`, file.projectPath);
    await database.transaction(async (tx) => {
      const [use] = await usesOfObjects(tx, [file.id]);
      if (use)
        throw new DomainError(
          kind === 'secret' ? 'secret.in-use' : 'in-use',
          `${use.name} uses the ${kind} ${file.name}.`,
          {
            hint: 'Take it out of the file of that stack and apply it first.',
          },
        );
      await removeFile(tx, file.id);
      await recordAudit(tx, ctx, {
        action: `${kind}.remove`,
        object: { kind, id: file.id, name: file.name },
        projectPath: file.projectPath,
      });
      await publishChange(tx, { kind: 'file', ids: [file.id] });
    });
    return null;
  });
};

/** Configs and secrets: versioned, sealed; a secret's content is never given out again. */
export const mountFileRoutes = (mount: Mount, deps: DeployDeps): void => {
  mountKind(mount, deps, 'config', configRoutes);
  mountKind(mount, deps, 'secret', secretRoutes);
  const { database, keys } = deps;
  mount(configRoutes.read, async ({ params, query, ctx }) => {
    const file = await getFile(database.prisma, 'config', params.id);
    ctx.authorize('config.read', file.projectPath);
    const version = query.version ?? file.version;
    return { contentBase64: await readFileContent(database.prisma, keys, file.id, version), version };
  });
};
