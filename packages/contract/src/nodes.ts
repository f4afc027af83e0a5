import { Availability, NodeFacts, NodePressure, NodeState, ProjectPath } from '@portreeve/domain';
import { z } from 'zod';
import { DEPLOY_ERRORS, HOST_ERRORS } from './errors.ts';
import { defineRoute, IdParams, InProject, ListQuery, Moment, OwnListQuery, pageOf } from './route.ts';
import { TaskView } from './tasks.ts';

const Usage = z.object({ used: z.number().nullable(), reserved: z.number(), allocatable: z.number() });
export const NodeSummary = z.object({
  id: z.string(),
  name: z.string(),
  projectPath: z.string(),
  state: NodeState,
  availability: Availability,
  labels: z.record(z.string(), z.string()),
  address: z.string(),
  local: z.boolean(),
  version: z.number().int(),
  tasks: z.number().int(),
  cpus: Usage,
  memory: Usage,
  disk: z.object({ usedBytes: z.number(), totalBytes: z.number() }).nullable(),
  load: z.number().nullable(),
  engineVersion: z.string(),
  agentVersion: z.string(),
  engineReachable: z.boolean(),
  agentConnected: z.boolean(),
  zone: z.string(),
  joinedAt: Moment,
  lastSeenAt: Moment.nullable(),
  why: z.string(),
  /** What its agent found on the host that a person should know, in sentences. */
  findings: z.array(z.string()),
});
export type NodeSummary = z.infer<typeof NodeSummary>;
export const NodeView = NodeSummary.extend({
  facts: NodeFacts.nullable(),
  pressure: NodePressure.nullable(),
  /** Why it is offline, all that is known. */
  link: z.object({
    connectedSince: Moment.nullable(),
    serverId: z.string().nullable(),
    lastError: z.string(),
    closeReason: z.string(),
    certificateExpiresAt: Moment.nullable(),
    clockSkewMs: z.number().nullable(),
    leaseUntil: Moment.nullable(),
    generation: z.number().int(),
    appliedGeneration: z.number().int(),
  }),
  taskList: z.array(TaskView),
  drain: z
    .object({
      moved: z.number().int(),
      total: z.number().int(),
      stuck: z.array(z.object({ taskId: z.string(), name: z.string(), reason: z.string() })),
    })
    .nullable(),
  may: z.record(z.string(), z.boolean()),
});
export type NodeView = z.infer<typeof NodeView>;

export const DrainPreview = z.object({
  moves: z.array(
    z.object({ taskId: z.string(), name: z.string(), to: z.string().nullable(), sentence: z.string() }),
  ),
  stays: z.array(z.object({ taskId: z.string(), name: z.string(), reason: z.string() })),
  summary: z.string(),
});
export const JoinTokenView = z.object({
  id: z.string(),
  description: z.string(),
  projectPath: z.string(),
  labels: z.record(z.string(), z.string()),
  nodeId: z.string().nullable(),
  usesLeft: z.number().int(),
  createdBy: z.string(),
  createdAt: Moment,
  expiresAt: Moment,
});
export const HostContainerView = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  state: z.string(),
  status: z.string(),
  createdAt: Moment,
  ours: z.boolean(),
  taskId: z.string().nullable(),
  composeProject: z.string().nullable(),
  composeService: z.string().nullable(),
  ports: z.array(z.string()),
});
const Labels = z.record(z.string().regex(/^[a-zA-Z0-9][\w.-]{0,62}$/), z.string().max(200));

export const nodeRoutes = {
  list: defineRoute({
    id: 'nodes.list',
    method: 'GET',
    path: '/nodes',
    summary: 'Nodes',
    permission: 'node.read',
    query: ListQuery.extend({ state: z.string().optional() }),
    response: pageOf(NodeSummary),
    live: ['node', 'task'],
  }),
  get: defineRoute({
    id: 'nodes.get',
    method: 'GET',
    path: '/nodes/:id',
    summary: 'One node in depth',
    permission: 'node.read',
    params: IdParams,
    response: NodeView,
    live: ['node', 'task'],
  }),
  edit: defineRoute({
    id: 'nodes.edit',
    method: 'PATCH',
    path: '/nodes/:id',
    summary: 'Change name, labels or project',
    permission: 'node.edit',
    params: IdParams,
    body: z.strictObject({
      name: z.string().min(1).max(63).optional(),
      labels: Labels.optional(),
      projectPath: ProjectPath.optional(),
    }),
    response: NodeSummary,
    conditional: true,
    errors: ['conflict.name'],
  }),
  cordon: defineRoute({
    id: 'nodes.cordon',
    method: 'POST',
    path: '/nodes/:id/cordon',
    summary: 'No new tasks here',
    permission: 'node.drain',
    params: IdParams,
    response: NodeSummary,
  }),
  uncordon: defineRoute({
    id: 'nodes.uncordon',
    method: 'POST',
    path: '/nodes/:id/uncordon',
    summary: 'Take tasks again',
    permission: 'node.drain',
    params: IdParams,
    response: NodeSummary,
  }),
  drain: defineRoute({
    id: 'nodes.drain',
    method: 'POST',
    path: '/nodes/:id/drain',
    summary: 'Move every task away, replacement first',
    permission: 'node.drain',
    params: IdParams,
    response: NodeSummary,
  }),
  drainPreview: defineRoute({
    id: 'nodes.drain-preview',
    method: 'GET',
    path: '/nodes/:id/drain',
    summary: 'Who would move where, and what cannot',
    permission: 'node.read',
    params: IdParams,
    response: DrainPreview,
  }),
  remove: defineRoute({
    id: 'nodes.remove',
    method: 'DELETE',
    path: '/nodes/:id',
    summary: 'Remove a node and revoke its certificate at once',
    permission: 'node.remove',
    params: IdParams,
  }),
  containers: defineRoute({
    id: 'nodes.containers',
    method: 'GET',
    path: '/nodes/:id/containers',
    summary: 'Containers at its engine, also those not ours',
    permission: 'node.read',
    params: IdParams,
    query: OwnListQuery.extend({ ours: z.enum(['yes', 'no', 'all']).default('all') }),
    response: pageOf(HostContainerView),
    errors: HOST_ERRORS,
  }),
  takeOver: defineRoute({
    id: 'nodes.take-over',
    method: 'POST',
    path: '/nodes/:id/take-over',
    summary: 'Take over a running Compose project as a stack',
    permission: 'service.deploy',
    params: IdParams,
    query: InProject,
    body: z.strictObject({
      composeProject: z.string(),
      stackName: z.string(),
      application: z.strictObject({
        files: z.record(z.string(), z.string()),
        entry: z.string(),
        values: z.record(z.string(), z.string()).default({}),
        profiles: z.array(z.string()).default([]),
      }),
    }),
    response: z.object({ stackId: z.string() }),
    errors: [...DEPLOY_ERRORS, ...HOST_ERRORS, 'compose.invalid', 'conflict.name'],
  }),
  tokens: defineRoute({
    id: 'join-tokens.list',
    method: 'GET',
    path: '/join-tokens',
    summary: 'Join tokens that still work',
    permission: 'node.join',
    query: ListQuery,
    response: pageOf(JoinTokenView),
    live: ['node', 'token'],
  }),
  createToken: defineRoute({
    id: 'join-tokens.create',
    method: 'POST',
    path: '/join-tokens',
    summary: 'Make the command that adds a node',
    permission: 'node.join',
    body: z.strictObject({
      description: z.string().max(120).default(''),
      projectPath: ProjectPath.default('/'),
      labels: Labels.default({}),
      uses: z.number().int().min(1).max(100).default(1),
      minutes: z.number().int().min(1).max(1440).default(60),
      nodeId: z.uuid().optional(),
      address: z.string().optional(),
    }),
    /** Shown once: the whole command to paste, with the token in a here-document. */
    response: z.object({
      view: JoinTokenView,
      token: z.string(),
      command: z.string(),
      caSha256: z.string(),
      addresses: z.array(z.string()),
    }),
    errors: ['not-found'],
  }),
  revokeToken: defineRoute({
    id: 'join-tokens.revoke',
    method: 'DELETE',
    path: '/join-tokens/:id',
    summary: 'Revoke a join token',
    permission: 'node.join',
    params: IdParams,
  }),
};
