import { Name } from '@portreeve/domain';
import { z } from 'zod';
import { DEPLOY_ERRORS } from './errors.ts';
import { defineRoute, IdParams, InProject, ListQuery, Moment, OrdinalText, pageOf } from './route.ts';

const UsedBy = z.array(z.object({ serviceId: z.string(), name: z.string() }));
export const StoredFileView = z.object({
  id: z.string(),
  name: z.string(),
  projectPath: z.string(),
  version: z.number().int(),
  size: z.number().int(),
  createdAt: Moment,
  changedAt: Moment,
  changedBy: z.string(),
  usedBy: UsedBy,
});
export type StoredFileView = z.infer<typeof StoredFileView>;
const FileBody = z.strictObject({ name: Name, contentBase64: z.string().max(700_000) });

const fileRoutes = (kind: 'config' | 'secret') =>
  ({
    list: defineRoute({
      id: `${kind}s.list`,
      method: 'GET',
      path: `/${kind}s`,
      summary: `The ${kind}s of a project`,
      permission: kind === 'config' ? 'config.read' : 'secret.list',
      query: ListQuery,
      response: pageOf(StoredFileView),
      live: ['file', 'service'],
    }),
    create: defineRoute({
      id: `${kind}s.create`,
      method: 'POST',
      path: `/${kind}s`,
      summary: `Make a ${kind}`,
      permission: `${kind}.edit`,
      query: InProject,
      body: FileBody,
      response: StoredFileView,
      errors: ['conflict.name', 'not-found'],
    }),
    change: defineRoute({
      id: `${kind}s.change`,
      method: 'PUT',
      path: `/${kind}s/:id`,
      summary: 'A new version; services that use it roll',
      permission: `${kind}.edit`,
      params: IdParams,
      body: z.strictObject({ contentBase64: z.string().max(700_000) }),
      response: z.object({ view: StoredFileView, rollouts: z.array(z.string()) }),
      conditional: true,
      errors: DEPLOY_ERRORS,
    }),
    remove: defineRoute({
      id: `${kind}s.remove`,
      method: 'DELETE',
      path: `/${kind}s/:id`,
      summary: 'Remove what nothing uses',
      permission: `${kind}.edit`,
      params: IdParams,
      errors: [kind === 'secret' ? 'secret.in-use' : 'in-use'],
    }),
  }) as const;
export const configRoutes = {
  ...fileRoutes('config'),
  read: defineRoute({
    id: 'configs.read',
    method: 'GET',
    path: '/configs/:id/content',
    summary: 'Content of a config',
    permission: 'config.read',
    params: IdParams,
    query: z.strictObject({ version: OrdinalText.optional() }),
    response: z.object({ contentBase64: z.string(), version: z.number().int() }),
  }),
};
export const secretRoutes = fileRoutes('secret');

export const NetworkView = z.object({
  id: z.string(),
  name: z.string(),
  stackName: z.string(),
  projectPath: z.string(),
  subnet: z.string(),
  vni: z.number().int(),
  internal: z.boolean(),
  nodes: z.number().int(),
  addresses: z.number().int(),
  usedBy: UsedBy,
  createdAt: Moment,
});
export const VolumeView = z.object({
  id: z.string(),
  name: z.string(),
  stackName: z.string(),
  projectPath: z.string(),
  node: z.object({ id: z.string(), name: z.string() }).nullable(),
  driver: z.string(),
  engineName: z.string(),
  usedBy: UsedBy,
  createdAt: Moment,
});
export const networkRoutes = {
  list: defineRoute({
    id: 'networks.list',
    method: 'GET',
    path: '/networks',
    summary: 'Networks',
    permission: 'network.read',
    query: ListQuery,
    response: pageOf(NetworkView),
    live: ['network', 'task'],
  }),
  remove: defineRoute({
    id: 'networks.remove',
    method: 'DELETE',
    path: '/networks/:id',
    summary: 'Remove a network that nothing uses',
    permission: 'network.edit',
    params: IdParams,
    errors: ['in-use'],
  }),
};
export const volumeRoutes = {
  list: defineRoute({
    id: 'volumes.list',
    method: 'GET',
    path: '/volumes',
    summary: 'Volumes',
    permission: 'volume.read',
    query: ListQuery,
    response: pageOf(VolumeView),
    live: ['volume', 'task'],
  }),
  remove: defineRoute({
    id: 'volumes.remove',
    method: 'DELETE',
    path: '/volumes/:id',
    summary: 'Remove a volume that nothing uses, with its data',
    permission: 'volume.edit',
    params: IdParams,
    body: z.strictObject({ name: z.string() }),
    errors: ['in-use'],
  }),
};

export const RegistryView = z.object({
  id: z.string(),
  host: z.string(),
  projectPath: z.string(),
  username: z.string().nullable(),
  hasPassword: z.boolean(),
  hasCa: z.boolean(),
  plainHttp: z.boolean(),
  allowPrivateAddress: z.boolean(),
  version: z.number().int(),
  createdAt: Moment,
});
export type RegistryView = z.infer<typeof RegistryView>;
const RegistryBody = z.strictObject({
  host: z.string().min(1).max(253),
  username: z.string().max(256).optional(),
  password: z.string().max(4096).optional(),
  caPem: z.string().max(65_536).optional(),
  plainHttp: z.boolean().default(false),
  allowPrivateAddress: z.boolean().default(false),
});
export const registryRoutes = {
  list: defineRoute({
    id: 'registries.list',
    method: 'GET',
    path: '/registries',
    summary: 'Registries',
    permission: 'registry.read',
    query: ListQuery,
    response: pageOf(RegistryView),
    live: ['registry'],
  }),
  create: defineRoute({
    id: 'registries.create',
    method: 'POST',
    path: '/registries',
    summary: 'Add a registry',
    permission: 'registry.edit',
    query: InProject,
    body: RegistryBody,
    response: RegistryView,
    errors: ['conflict.name', 'not-found'],
  }),
  edit: defineRoute({
    id: 'registries.edit',
    method: 'PUT',
    path: '/registries/:id',
    summary: 'Change a registry',
    permission: 'registry.edit',
    params: IdParams,
    body: RegistryBody.omit({ host: true }),
    response: RegistryView,
    conditional: true,
  }),
  remove: defineRoute({
    id: 'registries.remove',
    method: 'DELETE',
    path: '/registries/:id',
    summary: 'Remove a registry',
    permission: 'registry.edit',
    params: IdParams,
  }),
  test: defineRoute({
    id: 'registries.test',
    method: 'POST',
    path: '/registries/:id/test',
    summary: 'Sign in to it and say what it answers',
    permission: 'registry.edit',
    changesNothing: true,
    params: IdParams,
    body: z.strictObject({ reference: z.string().max(400).optional() }),
    response: z.object({ steps: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })) }),
  }),
};
