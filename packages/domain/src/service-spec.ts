import { z } from 'zod';
import { Digest, Name, NodeId } from './ids.ts';

/**
 * What a service asks for, after the Compose file was read and every variable filled in. Durations are
 * milliseconds, sizes bytes, CPU cores. Replicas are not part of it: they belong to the service, so that
 * scaling makes no revision.
 *
 * It travels to agents: one that is older than the server must not refuse it for a field it does not know, so none of
 * these shapes is strict (agent-protocol's SPEC.md, V1).
 */

export const HealthCheck = z.object({
  test: z.array(z.string()).min(1),
  intervalMs: z.number().int().positive().default(30_000),
  timeoutMs: z.number().int().positive().default(30_000),
  startPeriodMs: z.number().int().nonnegative().default(0),
  startIntervalMs: z.number().int().positive().optional(),
  retries: z.number().int().positive().default(3),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/**
 * A container port; with `published` it is bound on the task's host, where only one task can have it. With
 * `publishedTo` as well, each task gets one free port of that range, both ends included.
 */
export const PortSpec = z.object({
  target: z.number().int().min(1).max(65535),
  published: z.number().int().min(1).max(65535).optional(),
  publishedTo: z.number().int().min(1).max(65535).optional(),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
  hostAddress: z.string().optional(),
});
export type PortSpec = z.infer<typeof PortSpec>;

/** True for one very port of the host, which no two tasks there can have; a range leaves a choice. */
export const isFixedPort = ({
  published,
  publishedTo,
}: Pick<PortSpec, 'published' | 'publishedTo'>): boolean =>
  published !== undefined && publishedTo === undefined;

export const MountSpec = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('volume'),
    /** Name of a volume of the stack; absent for an anonymous one, which lives as long as its task. */
    source: Name.optional(),
    target: z.string(),
    readOnly: z.boolean().default(false),
    noCopy: z.boolean().default(false),
  }),
  z.object({
    kind: z.literal('bind'),
    source: z.string(),
    target: z.string(),
    readOnly: z.boolean().default(false),
    createHostPath: z.boolean().default(true),
    propagation: z.enum(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']).optional(),
  }),
  z.object({
    kind: z.literal('tmpfs'),
    target: z.string(),
    sizeBytes: z.number().int().positive().optional(),
    mode: z.number().int().optional(),
  }),
]);
export type MountSpec = z.infer<typeof MountSpec>;

/** Bytes of one config or secret; the engine's own limit for configs is the same. */
export const MOST_FILE_BYTES = 500 * 1024;

/** A config or secret shown to the container as a file. `source` names the object of the project. */
export const FileGrant = z.object({
  source: Name,
  target: z.string(),
  uid: z.string().default('0'),
  gid: z.string().default('0'),
  mode: z.number().int().default(0o444),
});
export type FileGrant = z.infer<typeof FileGrant>;

export const UpdatePolicy = z.object({
  /** Slots changed at once; 0 means all. */
  parallelism: z.number().int().nonnegative().default(1),
  delayMs: z.number().int().nonnegative().default(0),
  order: z.enum(['start-first', 'stop-first']).default('stop-first'),
  monitorMs: z.number().int().nonnegative().default(5_000),
  maxFailureRatio: z.number().min(0).max(1).default(0),
  failureAction: z.enum(['pause', 'continue', 'rollback']).default('pause'),
  /** Off: `monitor` gates only "succeeded". On: it gates every batch. */
  gateEachBatch: z.boolean().default(false),
});
export type UpdatePolicy = z.infer<typeof UpdatePolicy>;

export const RestartPolicy = z.object({
  condition: z.enum(['none', 'on-failure', 'any']).default('any'),
  delayMs: z.number().int().nonnegative().default(5_000),
  /** Absent: unlimited. */
  maxAttempts: z.number().int().nonnegative().optional(),
  windowMs: z.number().int().nonnegative().default(0),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

export const Resources = z.object({
  cpus: z.number().positive().optional(),
  memoryBytes: z.number().int().positive().optional(),
  pids: z.number().int().positive().optional(),
});
export type Resources = z.infer<typeof Resources>;

/** `node.labels.zone == a`, `node.hostname != db1`, `node.id`, `node.platform.os`, `node.platform.arch`, `engine.labels.x`. */
export const Constraint = z.object({
  key: z.string(),
  operator: z.enum(['==', '!=']),
  value: z.string(),
});
export type Constraint = z.infer<typeof Constraint>;

export const Dependency = z.object({
  service: Name,
  condition: z.enum(['started', 'healthy', 'completed']).default('started'),
  required: z.boolean().default(true),
  restart: z.boolean().default(false),
});
export type Dependency = z.infer<typeof Dependency>;

const Capability = z.string();
const StringMap = z.record(z.string(), z.string());

export const ServiceSpec = z.object({
  /** As written by the person: `web:1.2`, `registry.example/shop/web@sha256:…`, or an engine-local `sha256:…` id. */
  image: z.string().min(1),
  /** `always` resolves the tag anew at every apply and pulls at each start; an absent digest is pulled in any case. */
  pullPolicy: z.enum(['always', 'missing', 'never']).default('missing'),
  platform: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: StringMap.default({}),
  workingDir: z.string().optional(),
  user: z.string().optional(),
  groupAdd: z.array(z.string()).default([]),
  hostname: z.string().optional(),
  domainname: z.string().optional(),
  init: z.boolean().optional(),
  tty: z.boolean().default(false),
  stdinOpen: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  stopSignal: z.string().optional(),
  stopGraceMs: z.number().int().nonnegative().default(10_000),
  healthcheck: HealthCheck.optional(),
  ports: z.array(PortSpec).default([]),
  expose: z.array(z.string()).default([]),
  mounts: z.array(MountSpec).default([]),
  networks: z.array(z.object({ name: Name, aliases: z.array(z.string()).default([]) })).default([]),
  /** `host`, `none` and `bridge`, the engine's own bridge on each host, take the place of `networks`. */
  networkMode: z.enum(['stack', 'host', 'none', 'bridge']).default('stack'),
  configs: z.array(FileGrant).default([]),
  secrets: z.array(FileGrant).default([]),
  dependsOn: z.array(Dependency).default([]),
  mode: z.enum(['replicated', 'global']).default('replicated'),
  limits: Resources.default({}),
  reservations: Resources.default({}),
  constraints: z.array(Constraint).default([]),
  /** Labels to spread over, most important first, e.g. `node.labels.zone`. */
  spreadOver: z.array(z.string()).default([]),
  strategy: z.enum(['spread', 'binpack']).default('spread'),
  maxPerNode: z.number().int().positive().optional(),
  update: UpdatePolicy.default(UpdatePolicy.parse({})),
  rollback: UpdatePolicy.default(UpdatePolicy.parse({})),
  restart: RestartPolicy.default(RestartPolicy.parse({})),
  labels: StringMap.default({}),
  serviceLabels: StringMap.default({}),
  capAdd: z.array(Capability).default([]),
  capDrop: z.array(Capability).default([]),
  privileged: z.boolean().default(false),
  devices: z
    .array(z.object({ source: z.string(), target: z.string(), permissions: z.string().default('rwm') }))
    .default([]),
  securityOpt: z.array(z.string()).default([]),
  sysctls: StringMap.default({}),
  ulimits: z.record(z.string(), z.object({ soft: z.number().int(), hard: z.number().int() })).default({}),
  shmBytes: z.number().int().positive().optional(),
  oomScoreAdj: z.number().int().optional(),
  logging: z.object({ driver: z.string(), options: StringMap.default({}) }).optional(),
  extraHosts: z.array(z.object({ host: z.string(), address: z.string() })).default([]),
  dns: z
    .object({
      servers: z.array(z.string()).default([]),
      search: z.array(z.string()).default([]),
      options: z.array(z.string()).default([]),
    })
    .default({ servers: [], search: [], options: [] }),
  pid: z.enum(['private', 'host']).default('private'),
  ipc: z.enum(['private', 'host', 'shareable', 'none']).default('private'),
});
export type ServiceSpec = z.infer<typeof ServiceSpec>;

/** The exact image of a revision: by digest, or, where an image exists only on one host, by its id pinned to that host. */
export const ImagePin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('digest'),
    reference: z.string(),
    registry: z.string(),
    repository: z.string(),
    digest: Digest,
    /** What it is made for, as `linux/arm64/v8`; absent where its registry did not say. */
    platforms: z.array(z.string()).optional(),
  }),
  z.object({ kind: z.literal('local'), reference: z.string(), imageId: Digest, nodeId: NodeId }),
]);
export type ImagePin = z.infer<typeof ImagePin>;
