import { Name } from '@portreeve/domain';
import { z } from 'zod';
import { DEPLOY_ERRORS, HOST_ERRORS } from './errors.ts';
import {
  defineRoute,
  IdParams,
  InProject,
  ListQuery,
  Moment,
  Ordinal,
  OrdinalText,
  pageOf,
} from './route.ts';
import { FieldChange, ReadyCount, ServiceSummary } from './services.ts';

export const Diagnostic = z.object({
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  path: z.string(),
});
export type Diagnostic = z.infer<typeof Diagnostic>;

export const StackSummary = z.object({
  id: z.string(),
  name: z.string(),
  projectPath: z.string(),
  version: z.number().int(),
  stackVersion: z.number().int(),
  state: z.enum(['healthy', 'degraded', 'down', 'changing', 'stopped', 'removing', 'empty']),
  why: z.string(),
  count: ReadyCount,
  services: z.number().int(),
  changedAt: Moment,
  changedBy: z.string(),
  endpoints: z.array(z.string()),
  differsFromFile: z.boolean(),
});
export type StackSummary = z.infer<typeof StackSummary>;
export const StackView = StackSummary.extend({
  serviceList: z.array(ServiceSummary),
  may: z.record(z.string(), z.boolean()),
  /** What differs between the running wish and the file last applied, after an undo or a scale. */
  fileDifferences: z.array(z.object({ service: z.string(), changes: z.array(FieldChange) })),
  networks: z.array(z.object({ id: z.string(), name: z.string(), subnet: z.string() })),
  volumes: z.array(z.object({ id: z.string(), name: z.string(), node: z.string().nullable() })),
});
export type StackView = z.infer<typeof StackView>;

/** A file of a bundle: its text, or any bytes in base64. Only files of configs and secrets may be other than text. */
export const BundleFile = z.union([z.string(), z.strictObject({ base64: z.base64() })]);
export type BundleFile = z.infer<typeof BundleFile>;

/** A Compose application as sent: one file or a bundle. Nothing outside it is ever read. */
export const Application = z.strictObject({
  /** By path, relative to the bundle's top; at most 200 entries and 2 MiB. */
  files: z.record(z.string().max(300), BundleFile),
  entry: z.string().max(300).default('compose.yaml'),
  values: z.record(z.string().max(200), z.string().max(65_536)).default({}),
  profiles: z.array(z.string().max(63)).default([]),
  /**
   * Values and files given with an earlier version of this stack, to be used again. They may be secrets, so they stay
   * on the server.
   */
  keep: z
    .strictObject({
      version: Ordinal,
      names: z.array(z.string().max(200)).max(1_000),
      files: z.array(z.string().max(300)).max(200).default([]),
    })
    .optional(),
});
export type Application = z.infer<typeof Application>;

export const PlannedService = z.object({
  name: z.string(),
  action: z.enum(['create', 'replace', 'update', 'scale', 'untouched', 'remove']),
  changes: z.array(FieldChange),
  replicas: z.object({ from: z.number().int(), to: z.number().int() }),
  image: z.object({ reference: z.string(), digest: z.string().nullable() }),
  /** Where each new task would go now, and why. A forecast: the placement plan is made per batch. */
  forecast: z.array(z.object({ slot: z.number().int(), node: z.string().nullable(), sentence: z.string() })),
  /** How it rolls, in words. */
  policy: z.string(),
  estimateMs: z.number().optional(),
});
export const Refusal = z.object({
  service: z.string(),
  code: z.string(),
  message: z.string(),
  hint: z.string().default(''),
  permission: z.string().optional(),
});
export const DeployPlanView = z.object({
  id: z.string().nullable(),
  stackId: z.string().nullable(),
  stackName: z.string(),
  projectPath: z.string(),
  stackVersion: z.number().int(),
  diagnostics: z.array(Diagnostic),
  services: z.array(PlannedService),
  refusals: z.array(Refusal),
  networks: z.array(z.object({ name: z.string(), action: z.enum(['create', 'untouched', 'remove']) })),
  volumes: z.array(z.object({ name: z.string(), action: z.enum(['create', 'untouched', 'keep']) })),
  variables: z.array(z.object({ name: z.string(), required: z.boolean(), default: z.string().optional() })),
  /** True when it may be applied as it stands. */
  applicable: z.boolean(),
  expiresAt: Moment.nullable(),
  summary: z.string(),
});
export type DeployPlanView = z.infer<typeof DeployPlanView>;

const ByName = z.strictObject({ name: Name });
export const Applied = z.object({
  stackId: z.string(),
  stackVersion: z.number().int(),
  services: z.array(
    z.object({ id: z.string(), name: z.string(), action: z.string(), rolloutId: z.string().nullable() }),
  ),
});

export const stackRoutes = {
  list: defineRoute({
    id: 'stacks.list',
    method: 'GET',
    path: '/stacks',
    summary: 'Stacks',
    permission: 'stack.read',
    query: ListQuery.extend({ state: z.string().optional() }),
    response: pageOf(StackSummary),
    live: ['stack', 'service', 'task', 'rollout'],
  }),
  get: defineRoute({
    id: 'stacks.get',
    method: 'GET',
    path: '/stacks/:id',
    summary: 'One stack',
    permission: 'stack.read',
    params: IdParams,
    response: StackView,
    live: ['stack', 'service', 'task', 'rollout'],
  }),
  find: defineRoute({
    id: 'stacks.find',
    method: 'GET',
    path: '/stacks/by-name/:name',
    summary: 'A stack by its name in a project',
    permission: 'stack.read',
    params: ByName,
    query: InProject,
    response: StackView,
  }),
  plan: defineRoute({
    id: 'stacks.plan',
    method: 'POST',
    path: '/stacks/:name/plan',
    summary: 'What would this file change',
    permission: 'service.deploy',
    changesNothing: true,
    params: ByName,
    query: InProject.extend({ draft: z.enum(['yes', 'no']).default('no') }),
    body: Application,
    response: DeployPlanView,
    errors: [...DEPLOY_ERRORS, ...HOST_ERRORS, 'compose.invalid'],
  }),
  apply: defineRoute({
    id: 'stacks.apply',
    method: 'PUT',
    path: '/stacks/:name',
    summary: 'Apply a file, or exactly the plan named',
    permission: 'service.deploy',
    params: ByName,
    query: InProject,
    body: z.strictObject({ plan: z.uuid().optional(), application: Application.optional() }),
    response: Applied,
    errors: [...DEPLOY_ERRORS, ...HOST_ERRORS, 'compose.invalid', 'plan.moved'],
  }),
  versions: defineRoute({
    id: 'stacks.versions',
    method: 'GET',
    path: '/stacks/:id/versions',
    summary: 'Files as applied, newest first',
    permission: 'stack.read',
    params: IdParams,
    query: ListQuery,
    response: pageOf(
      z.object({ id: z.string(), number: z.number().int(), appliedBy: z.string(), createdAt: Moment }),
    ),
    live: ['stack'],
  }),
  version: defineRoute({
    id: 'stacks.version',
    method: 'GET',
    path: '/stacks/:id/versions/:number',
    summary: 'One version with its text',
    permission: 'service.env.read',
    params: z.strictObject({ id: z.uuid(), number: OrdinalText }),
    response: z.object({
      number: z.number().int(),
      entry: z.string(),
      /** Text by path, as far as it is shown. */
      files: z.record(z.string(), z.string()),
      /** Files that stay on the server: those that secrets are made of, and bytes that are no text. */
      unseen: z.array(
        z.object({ path: z.string(), bytes: z.number().int(), why: z.enum(['secret', 'binary']) }),
      ),
      valueNames: z.array(z.string()),
      profiles: z.array(z.string()),
      appliedBy: z.string(),
      createdAt: Moment,
    }),
  }),
  remove: defineRoute({
    id: 'stacks.remove',
    method: 'DELETE',
    path: '/stacks/:id',
    summary: 'Stop and remove every service; volumes stay',
    permission: 'service.remove',
    params: IdParams,
    query: z.strictObject({ volumes: z.enum(['keep', 'remove']).default('keep') }),
    errors: ['conflict.version', 'in-use'],
  }),
  schema: defineRoute({
    id: 'stacks.schema',
    method: 'GET',
    path: '/compose-schema',
    summary: 'JSON schema of the Compose keys that are honoured',
    permission: 'signed-in',
    response: z.unknown(),
  }),
};
