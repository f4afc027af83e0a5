import { z } from 'zod';

/** What an operator wishes for a node. */
export const Availability = z.enum(['active', 'cordoned', 'draining']);
export type Availability = z.infer<typeof Availability>;

/**
 * What is known of a node. `unknown` is derived from the lease when read; `lost` is decided and stored;
 * `returning` was lost, is connected again and is being reconciled before it is used.
 */
export const NodeState = z.enum(['joining', 'ready', 'unknown', 'lost', 'returning', 'removed']);
export type NodeState = z.infer<typeof NodeState>;

export const Capacity = z.object({ cpus: z.number(), memoryBytes: z.number(), pids: z.number() });
export type Capacity = z.infer<typeof Capacity>;

/** A port of a host; without an address, on all of them. */
export const HostPort = z.object({
  port: z.number().int(),
  protocol: z.enum(['tcp', 'udp']),
  hostAddress: z.string().optional(),
});
export type HostPort = z.infer<typeof HostPort>;

/** What a host says of itself; changes rarely and is sent when it does. */
export const NodeFacts = z.object({
  hostname: z.string(),
  os: z.string(),
  osVersion: z.string(),
  kernel: z.string(),
  architecture: z.string(),
  bootId: z.string(),
  agentVersion: z.string(),
  capacity: Capacity,
  engine: z.object({
    reachable: z.boolean(),
    name: z.string().default(''),
    version: z.string().default(''),
    apiVersion: z.string().default(''),
    /** A kind that this side does not know yet is told by nothing else: the first is what it does without. */
    imageStore: z.enum(['graphdriver', 'containerd']).default('graphdriver').catch('graphdriver'),
    storageDriver: z.string().default(''),
    liveRestore: z.boolean().default(false),
    rootless: z.boolean().default(false),
    cgroupVersion: z.string().default(''),
    labels: z.record(z.string(), z.string()).default({}),
    error: z.string().optional(),
  }),
  addresses: z
    .array(z.object({ interface: z.string(), address: z.string(), prefix: z.number() }))
    .default([]),
  routes: z.array(z.string()).default([]),
  /** Ports that something other than our tasks holds. Agents that do not look leave it out. */
  usedPorts: z.array(HostPort).optional(),
  crossHostNetworks: z.object({ able: z.boolean(), reason: z.string().optional() }),
  /** What the agent knows of `AGENT_FEATURES`; agents from before there were any leave it out. */
  features: z.array(z.string()).default([]),
  findings: z.array(z.object({ code: z.string(), message: z.string() })).default([]),
});
export type NodeFacts = z.infer<typeof NodeFacts>;

/** Load and pressure of a host at one moment; kept in memory and on the host, never written per heartbeat. */
export const NodePressure = z.object({
  at: z.iso.datetime(),
  load1: z.number(),
  /** In cores. */
  cpuUsed: z.number(),
  memoryUsedBytes: z.number(),
  memoryTotalBytes: z.number(),
  disks: z.array(z.object({ path: z.string(), usedBytes: z.number(), totalBytes: z.number() })),
  clockSkewMs: z.number().optional(),
});
export type NodePressure = z.infer<typeof NodePressure>;
