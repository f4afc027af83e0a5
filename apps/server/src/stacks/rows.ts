/**
 * What the JSON columns of revisions and tasks hold. Whoever makes a desired document reads the same shapes. The
 * sealed environment of a revision is the JSON of its variables; the `environment` in its spec column is empty.
 */

/**
 * An object of the project that a revision is bound to, by id. Configs and secrets have a version; networks and
 * volumes have none (0). `source` is the name in the spec.
 */
export type FilePin = {
  kind: 'config' | 'secret' | 'network' | 'volume';
  source: string;
  objectId: string;
  version: number;
};

/** `Task.networks`. */
export type TaskNetwork = { networkId: string; address: string; mac: string; aliases: string[] };

/** `Task.ports`. */
export type TaskPort = { target: number; published: number; protocol: 'tcp' | 'udp'; hostAddress?: string };

/** `Task.volumes`; `source` is the name in the spec's mounts. */
export type TaskVolume = { source: string; volumeId: string };

/** `Task.placement`: why it went there, and what the plan wished when it was made. */
export type TaskPlacement = {
  filters: { filter: string; failed: number; sentence: string }[];
  best: { nodeId: string; nodeName: string; total: number }[];
  wish?: { onlyNodeId?: string; avoidNodeIds: string[] };
};
