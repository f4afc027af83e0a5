import { type RegistryView, registryRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import ipaddr from 'ipaddr.js';
import { v7 as uuid } from 'uuid';
import { SEALED } from '../agents/sealed.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { changeOf } from '../audit/change.ts';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { getProject, projectIdsWithin } from '../projects/projects.store.ts';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import { readCertificates } from './certificates.ts';
import { testRegistry } from './check-registry.ts';
import { normalHost } from './reference.ts';
import {
  accessOf,
  createRegistry,
  editRegistry,
  getRegistry,
  ownerOfOtherCa,
  pageOfRegistries,
  type RegistryListRow,
  removeRegistry,
  tellHostsUsing,
} from './registries.store.ts';

type Row = RegistryListRow;

const viewOf = (row: Row): RegistryView => ({
  id: row.id,
  host: row.host,
  projectPath: row.projectPath,
  username: row.username,
  hasPassword: row.sealedPassword !== null,
  hasCa: row.caPem !== null,
  plainHttp: row.plainHttp,
  allowPrivateAddress: row.allowPrivateAddress,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
});

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/;

/** A host and port and nothing else: no scheme, no path, and no number that means another address. */
const requireHost = (written: string): string => {
  const host = normalHost(written);
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const isOddNumber =
    /^(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+))*$/.test(name) && !ipaddr.IPv4.isValidFourPartDecimal(name);
  if (HOST.test(host) && !isOddNumber) return host;
  throw new DomainError('request.invalid', `“${written}” is no registry.`, {
    hint: 'Write host or host:port, such as registry.example:5000, without https:// and without a path.',
  });
};

type Reach = { allowPrivateAddress: boolean; plainHttp: boolean; caPem: string | null };

/**
 * Inner addresses are reached from the servers, and plain HTTP and CAs are trusted by whole hosts: what one project
 * turns on concerns them all. What was on before stays its project's to keep or to turn off.
 */
const requireReach = (ctx: RequestContext, wanted: Reach, before?: Reach): void => {
  const added = [
    wanted.allowPrivateAddress && !before?.allowPrivateAddress ? 'a private address' : undefined,
    wanted.plainHttp && !before?.plainHttp ? 'plain HTTP' : undefined,
    wanted.caPem && wanted.caPem !== before?.caPem ? 'a CA of its own' : undefined,
  ].filter((one) => one !== undefined);
  if (added.length > 0) ctx.authorize('registry.edit', '/', added.join(' and '));
};

/** What one project makes hosts trust, another must not turn into something else. */
const requireOneCa = async (
  tx: Tx,
  { id, host, caPem }: { id: string; host: string; caPem: string | null },
): Promise<void> => {
  const owner = caPem ? await ownerOfOtherCa(tx, { id, host, caPem }) : undefined;
  if (owner === undefined) return;
  throw new DomainError(
    'conflict.state',
    `${owner} has another CA for ${host}, and a node's engine trusts one CA for each registry.`,
    {
      hint: `Use the same one, one file with both certificates in both places, or remove that of ${owner} first.`,
    },
  );
};

/** Registries of projects, with their credentials and CAs. */
export const mountRegistryRoutes = (mount: Mount, { database, keys }: DeployDeps): void => {
  const db = database.prisma;
  const entry = (action: string, row: { id: string; host: string; projectPath: string }) => ({
    action,
    object: { kind: 'registry', id: row.id, name: row.host },
    projectPath: row.projectPath,
  });

  mount(registryRoutes.list, async ({ query, ctx }) => {
    const page = await pageOfRegistries(
      db,
      await projectIdsWithin(db, ctx.scope('registry.read', query.project)),
      query,
    );
    return { ...page, items: page.items.map(viewOf) };
  });
  mount(
    registryRoutes.create,
    async ({ query, body, ctx }) => {
      const project = await getProject(db, query.project);
      const { password, ...rest } = body;
      const caPem = body.caPem ? readCertificates(body.caPem) : null;
      requireReach(ctx, { ...body, caPem });
      const id = uuid();
      const host = requireHost(body.host);
      await database
        .transaction(async (tx) => {
          const sealedPassword = password ? keys.seal(password, SEALED.registry(id)) : null;
          await requireOneCa(tx, { id, host, caPem });
          await createRegistry(tx, { id, projectId: project.id, ...rest, host, caPem, sealedPassword });
          await tellHostsUsing(tx, host);
          await recordAudit(tx, ctx, entry('registry.create', { id, host, projectPath: project.path }));
          await publishChange(tx, { kind: 'registry', ids: [id] });
        })
        .catch((error) => {
          if (!isUniqueViolation(error)) throw error;
          throw new DomainError('conflict.name', `${project.path} has settings for ${host} already.`);
        });
      return viewOf(await getRegistry(db, id));
    },
    { project: 'query' },
  );
  mount(registryRoutes.edit, async ({ params, body, ctx, version }) => {
    const row = await getRegistry(db, params.id);
    ctx.authorize('registry.edit', row.projectPath);
    const { password, ...rest } = body;
    // A form does not show the certificate: none sent keeps the one there is, an empty one removes it.
    const sentCa = body.caPem ? readCertificates(body.caPem) : null;
    const caPem = body.caPem === undefined ? row.caPem : sentCa;
    requireReach(ctx, { ...body, caPem }, row);
    await database.transaction(async (tx) => {
      await requireOneCa(tx, { id: row.id, host: row.host, caPem });
      const changed = await editRegistry(tx, row.id, version, {
        ...rest,
        username: body.username ?? null,
        caPem,
        // Nor the password: none sent keeps the one there is, as long as it is the same user's.
        ...(password !== undefined
          ? { sealedPassword: password === '' ? null : keys.seal(password, SEALED.registry(row.id)) }
          : body.username === (row.username ?? undefined)
            ? {}
            : { sealedPassword: null }),
      });
      if (!changed)
        throw new DomainError('conflict.version', `Someone else changed ${row.host} meanwhile.`, {
          hint: 'Load it again and repeat your change.',
        });
      await tellHostsUsing(tx, row.host);
      await recordAudit(tx, ctx, {
        ...entry('registry.edit', row),
        detail: changeOf(row, { ...rest, caPem, password }),
      });
      await publishChange(tx, { kind: 'registry', ids: [row.id] });
    });
    return viewOf(await getRegistry(db, row.id));
  });
  mount(registryRoutes.remove, async ({ params, ctx }) => {
    const row = await getRegistry(db, params.id);
    ctx.authorize('registry.edit', row.projectPath);
    await database.transaction(async (tx) => {
      await removeRegistry(tx, row.id);
      await tellHostsUsing(tx, row.host);
      await recordAudit(tx, ctx, entry('registry.remove', row));
      await publishChange(tx, { kind: 'registry', ids: [row.id] });
    });
    return null;
  });
  mount(registryRoutes.test, async ({ params, body, ctx }) => {
    const row = await getRegistry(db, params.id);
    ctx.authorize('registry.edit', row.projectPath);
    return { steps: await testRegistry(accessOf(row, keys), body.reference) };
  });
};
