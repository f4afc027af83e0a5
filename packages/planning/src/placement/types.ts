import type {
  AgentFeature,
  Availability,
  Capacity,
  Constraint,
  HostPort,
  NodeState,
} from '@portreeve/domain';

/** What one task holds on its node that is over before another starts: the room it makes. */
export type Freed = { nodeId: string; reserved: Partial<Capacity>; ports: HostPort[] };

/** A node as placement sees it. `version` is what the commit is conditional on. */
export type PlacementNode = {
  id: string;
  name: string;
  version: number;
  projectPath: string;
  /** Projects below its own whose tasks keep to nodes of their own, and so do not come here. */
  keptFrom: readonly string[];
  state: NodeState;
  availability: Availability;
  labels: Record<string, string>;
  engineLabels: Record<string, string>;
  os: string;
  architecture: string;
  capacity: Capacity;
  /** Sum over the tasks that are placed here and not final. */
  reserved: Capacity;
  /** Host ports taken by placed tasks. */
  usedPorts: HostPort[];
  /** Host ports that something else on the host holds. */
  foreignPorts: HostPort[];
  /** Tasks here that are not final, per service. */
  tasksOfService: Record<string, number>;
  taskCount: number;
  /** Digests or local ids of images known to be here. */
  images: ReadonlySet<string>;
  crossHostNetworks: { able: boolean; reason?: string };
  engineReachable: boolean;
  /** What its agent says that it knows of `AGENT_FEATURES`. */
  features: readonly string[];
};

/** What one new task needs. */
export type PlacementRequest = {
  taskId: string;
  serviceId: string;
  serviceName: string;
  slot: number;
  projectPath: string;
  constraints: Constraint[];
  spreadOver: string[];
  strategy: 'spread' | 'binpack';
  maxPerNode?: number;
  reservations: Partial<Capacity>;
  /** It runs on any of these; absent: on all, as far as is known. */
  platforms?: { os: string; architecture?: string }[];
  /** Host ports wanted: one of `from…to` each. */
  ports: { target: number; from: number; to: number; protocol: 'tcp' | 'udp'; hostAddress?: string }[];
  /** Local volumes that exist already on a node, so the task must go there. */
  volumes: { name: string; nodeId: string }[];
  /** An image that exists on one host alone. */
  pinnedNodeId?: string;
  imageKey?: string;
  needsCrossHostNetwork: boolean;
  /** What the agent must know. */
  needsFeatures: AgentFeature[];
  /** Only this node (global mode, take-over, or the host of the task being replaced by stop-first with a fixed port). */
  onlyNodeId?: string;
  /** Nodes to avoid where another will do, e.g. where the last task of the slot failed. */
  avoidNodeIds: string[];
  /** Tasks of the service that are over before this one starts: what they hold counts as free for it. */
  freed: Freed[];
};

export type FilterName =
  | 'ready'
  | 'project'
  | 'own-nodes'
  | 'only-node'
  | 'platform'
  | 'constraints'
  | 'volume'
  | 'local-image'
  | 'networks'
  | 'agent-features'
  | 'max-per-node'
  | 'ports'
  | 'resources';

/** How many nodes failed a filter, and the sentence a person reads. */
export type FilterCount = { filter: FilterName; failed: number; sentence: string };

export type Score = {
  nodeId: string;
  nodeName: string;
  total: number;
  parts: { spread: number; load: number; image: number; avoid: number };
};

export type Placed = {
  kind: 'placed';
  taskId: string;
  nodeId: string;
  /** Version of the node the decision was made from. */
  nodeVersion: number;
  ports: { target: number; published: number; protocol: 'tcp' | 'udp'; hostAddress?: string }[];
  filters: FilterCount[];
  /** The best five. */
  best: Score[];
};
export type Unplaceable = {
  kind: 'unplaceable';
  taskId: string;
  filters: FilterCount[];
  sentence: string;
  cheapestChange?: string;
};
export type PlacementDecision = Placed | Unplaceable;

/** One row of the node-by-node table that is computed on demand. */
export type PlacementRow = {
  nodeId: string;
  nodeName: string;
  failed: { filter: FilterName; sentence: string }[];
  score?: Score;
};
