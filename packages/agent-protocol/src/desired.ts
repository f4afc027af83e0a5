import { Availability, Digest, ImagePin, ServiceSpec, TaskDesired } from '@portreeve/domain';
import { z } from 'zod';

/** A file of a config or secret, as bytes; lives only on a memory file system of the host (SPEC.md, D7). */
export const AssignedFile = z.object({
  objectId: z.uuid(),
  version: z.number().int(),
  target: z.string(),
  uid: z.string(),
  gid: z.string(),
  mode: z.number().int(),
  contentBase64: z.string(),
});
export type AssignedFile = z.infer<typeof AssignedFile>;

export const AssignedVolume = z.object({
  /** Name in the spec's mounts. */
  source: z.string(),
  volumeId: z.uuid(),
  /** Name at the engine, made from our ids (`pr-<volume id>`), or an adopted one. */
  engineName: z.string(),
  driver: z.string().default('local'),
  driverOptions: z.record(z.string(), z.string()).default({}),
});
export type AssignedVolume = z.infer<typeof AssignedVolume>;

export const AssignedTask = z.object({
  taskId: z.uuid(),
  serviceId: z.uuid(),
  stackId: z.uuid(),
  projectId: z.uuid(),
  revisionId: z.uuid(),
  revisionNumber: z.number().int(),
  names: z.object({ project: z.string(), stack: z.string(), service: z.string() }),
  slot: z.number().int(),
  desired: TaskDesired,
  /** True: pull the image and say `imageReady`, but create nothing yet (SPEC.md, T3). */
  hold: z.boolean(),
  spec: ServiceSpec,
  pin: ImagePin,
  containerName: z.string(),
  volumes: z.array(AssignedVolume),
  networks: z.array(
    z.object({ networkId: z.uuid(), address: z.string(), mac: z.string(), aliases: z.array(z.string()) }),
  ),
  /** Host ports chosen by the plan. */
  ports: z.array(
    z.object({
      target: z.number().int(),
      published: z.number().int(),
      protocol: z.enum(['tcp', 'udp']),
      hostAddress: z.string().optional(),
    }),
  ),
  configs: z.array(AssignedFile),
  secrets: z.array(AssignedFile),
  /** Container of a foreign Compose project that this task takes the place of (SPEC.md, T9). */
  replacesContainer: z.string().optional(),
});
export type AssignedTask = z.infer<typeof AssignedTask>;

export const AssignedNetwork = z.object({
  networkId: z.uuid(),
  name: z.string(),
  stack: z.string(),
  /** VXLAN network identifier, also in the bridge's name (`pr<vni>`). */
  vni: z.number().int(),
  subnet: z.string(),
  /** This host's own address and MAC in the network. */
  gateway: z.string(),
  gatewayMac: z.string(),
  internal: z.boolean(),
  mtu: z.number().int(),
  /** False: the network lives on this host alone, no tunnel is made. */
  crossHost: z.boolean(),
  /** The other hosts that hold tasks of this network. */
  peers: z.array(
    z.object({ nodeId: z.uuid(), hostAddress: z.string(), gateway: z.string(), gatewayMac: z.string() }),
  ),
  /** Every task of the network, wherever it is; names are answered only while it is ready. */
  members: z.array(
    z.object({
      taskId: z.uuid(),
      nodeId: z.uuid(),
      hostAddress: z.string(),
      address: z.string(),
      mac: z.string(),
      names: z.array(z.string()),
    }),
  ),
});
export type AssignedNetwork = z.infer<typeof AssignedNetwork>;

export const RegistryAccess = z.object({
  registry: z.string(),
  /** Whose it is: tasks of this project and of those below may use it, the nearest project's first. */
  projectPath: z.string().default('/'),
  username: z.string().optional(),
  password: z.string().optional(),
  caPem: z.string().optional(),
  plainHttp: z.boolean().default(false),
});
export type RegistryAccess = z.infer<typeof RegistryAccess>;

/** Everything one node should do: one document, ordered by (epoch, generation) (SPEC.md, D1–D4). */
export const DesiredDocument = z.object({
  clusterId: z.uuid(),
  nodeId: z.uuid(),
  epoch: z.number().int(),
  generation: z.number().int(),
  issuedAt: z.iso.datetime(),
  availability: Availability,
  hostAddress: z.string(),
  vxlanPort: z.number().int(),
  tasks: z.array(AssignedTask),
  networks: z.array(AssignedNetwork),
  registries: z.array(RegistryAccess),
  /** Images that an undo could need; never collected. */
  keepImages: z.array(Digest),
});
export type DesiredDocument = z.infer<typeof DesiredDocument>;

/** Position of a document: epoch first, then generation. */
export type Order = { epoch: number; generation: number };

/** Negative when `a` is older than `b` (SPEC.md, D2). */
export const compareOrder = (a: Order, b: Order): number => a.epoch - b.epoch || a.generation - b.generation;
